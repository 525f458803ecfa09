// TypeScript declarations of require('supercluster'), as `sc types` prints them.

declare module 'supercluster' {
  /** Milliseconds, or text such as "30s", "250ms", "1h". */
  export type Duration = number | string;

  /** An amount, or a size such as "512MB". */
  export type Amount = number | string;

  /** Any value that JSON can hold. */
  export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

  /** Makes a master, and joins the cluster. Without a configuration it is the process's one master. */
  export function createMaster(conf?: MasterConf): Master;
  /** Makes a worker, and joins the cluster. Without a configuration it is the process's one worker. */
  export function createWorker(conf?: WorkerConf): Worker;
  /** Makes a tracker, and listens. Without a configuration it is the process's one tracker. */
  export function createTracker(conf?: TrackerConf): Tracker;

  /**
   * The function with variables that it uses, which it takes with it when it is sent. What is not named is captured as
   * usual, unless `capture` is false.
   */
  export function fn<F extends (...args: any[]) => any>(f: F, variables?: { [name: string]: unknown }, options?: { capture?: boolean }): F;

  /** The version of sc. */
  export const version: string;

  /** Inside a task: that task. Outside, undefined. */
  export const task: Task | undefined;

  /** What a task rejects with that took too long: `code` is ERR_TASK_TIMEOUT, or ERR_QUEUE_TIMEOUT if no worker began it in time. */
  export class TimeoutError extends Error {
    /** Which of the two it was. */
    code: 'ERR_TASK_TIMEOUT' | 'ERR_QUEUE_TIMEOUT';
  }

  /** What all nodes may be configured with. */
  export interface NodeConf {
    /** The port to listen on; default: 44201 for a tracker's HTTP, else any that is free. */
    port?: number;
    /** The IP address to listen on; default: all interfaces. */
    bindTo?: string;
    /** How long an announcement counts without another, in milliseconds; default 5000. */
    ttl?: Duration;
    /** The name of the cluster; nodes of others are not seen. Default "default". */
    cluster?: string;
    /** The cluster's token, which `sc token` prints; default: the one that `sc join` stored. */
    key?: string;
    /** A file, readable for this account alone, that holds the token. */
    keyFile?: string;
    /** Whether machines of this network may run sandboxed functions without a key; default true, and never with one. */
    guests?: boolean;
    /** Whether creating joins; default true. Else `join()` does. */
    join?: boolean;
    /** The address, "host:port", to tell to others; default: what they see. */
    advertise?: string;
  }

  /** Where a tracker is: "host", "host:port", or a source of addresses such as "dns:name" or "file:path". */
  export type TrackerAddress = string | {
    /** The tracker's name or IP address. */
    addr: string;
    /** Its HTTP port; default 44201. */
    port?: number;
    /** The IP address to speak from; default: any. */
    bindTo?: string;
  };

  /** What masters and workers may be configured with. */
  export interface MemberConf extends NodeConf {
    /** What others see of this node, and select it by; default {}. */
    data?: Json;
    /** Discovery by trackers instead of by broadcast. */
    tracker?: TrackerAddress | TrackerAddress[];
    /** Discovery by UDP broadcast. */
    broadcast?: {
      /** The UDP port; default 44201. */
      port?: number;
      /** How long between announcements; default 1 s. */
      interval?: Duration;
    };
  }

  /** What createMaster takes. */
  export interface MasterConf extends MemberConf {}

  /** What createTracker takes. */
  export interface TrackerConf extends NodeConf {}

  /** What createWorker takes. */
  export interface WorkerConf extends MemberConf {
    /** How many tasks run at once; default: one for each core. */
    slots?: number;
    /** Where tasks run: in a "process" of their own (default), or in a "vm" in this one, for trusted masters only. */
    isolation?: 'process' | 'vm';
    /**
     * What runs functions that do not say so themselves: "goja", which is our own engine in its sandbox, "node", or "auto"
     * (default), which moves a function to node when it was heavy on goja, if node is installed. "goja" keeps functions from
     * node altogether.
     */
    engine?: Engine;
    /** What tasks of the cluster's members may use of this machine, or true for all of it; default: nothing. */
    allow?: boolean | Allow;
    /** What one task may take. */
    limits?: Limits;
    /** What tasks may ask for besides a slot; default: a "cpu" for each of the machine's. */
    resources?: Resources;
  }

  /** Permissions of tasks: true for all of a kind, or a list. */
  export interface Allow {
    /** Files and folders, with all that is in them. */
    read?: boolean | string | string[];
    /** Files that tasks may write: all, or those at or below these paths. */
    write?: boolean | string | string[];
    /** Hosts to connect to: "host", "host:port", "*.domain". */
    net?: boolean | string | string[];
    /** Variables of the environment: "NAME", "PREFIX*". */
    env?: boolean | string | string[];
    /** Programs: names or paths. What runs is not confined. */
    run?: boolean | string | string[];
    /** Tasks that bring packages. */
    packages?: boolean;
    /** All of the above. */
    all?: boolean;
  }

  /** Limits of each task. */
  export interface Limits {
    /** How long it runs; default: no limit. */
    time?: Duration;
    /** The processor time that it takes; default: no limit. */
    cpu?: Duration;
    /** Bytes of memory; default 512 MiB, at least 64 MiB. */
    memory?: number;
    /** Bytes that it logs and sends; default 64 MiB. */
    output?: number;
    /** Bytes of its result; default and most: 256 MiB. */
    result?: number;
  }

  /** So much of each resource, by names that the cluster's users agree on. */
  export interface Resources { [name: string]: Amount; }

  /** What a node says of its machine. */
  export interface Host {
    /** The operating system, such as "linux". */
    os: string;
    /** The processor's architecture, such as "amd64". */
    arch: string;
    /** How many cores it has. */
    cpus: number;
    /** Its memory in bytes, if known. */
    memory?: number;
    /** Its name. */
    hostname: string;
    /** What a worker has for tasks to ask for. */
    resources?: { [name: string]: number };
    /** The programs that a worker has for packages: "git", "node", "npm". */
    tools?: string[];
    /** What runs functions on a worker. */
    engines?: ('goja' | 'node')[];
  }

  /** Another node, as this one sees it: the same object each time, kept up to date. */
  export interface Peer {
    /** Its id, which no other node has. */
    readonly id: string;
    /** What it is in the cluster. */
    readonly role: 'master' | 'worker' | 'tracker';
    /** The IP address that it is seen at. */
    readonly addr: string;
    /** The port that it listens on. */
    readonly port: number;
    /** What it was configured with. */
    readonly data: any;
    /** Its machine. */
    readonly host: Host;
    /** Whether it proved that it holds the cluster's key; a guest did not. */
    readonly member: boolean;
    /** How many tasks a worker runs at once. */
    readonly slots: number;
    /** How many tasks a worker runs, as it last said. */
    readonly running: number;
    /** The number of its process on its host. */
    readonly pid: number;
  }

  /** A query in MongoDB's language on a worker's `data`, its `host` under "$": `{ mem: { $gte: 8 }, '$.cpus': { $gt: 2 } }`. */
  export interface Query { [path: string]: any; }

  /** A query as a function, which runs here. */
  export type Predicate = (data: any, worker: Peer) => unknown;

  /** Which workers: any one (undefined, null), one, its id, several, or all for which a query holds. */
  export type Target = undefined | null | Peer | string | Array<Peer | string> | Predicate | Query;

  /** Settled when a message is on its way. Who awaits it sends no faster than its receivers take; who does not need not handle its rejection. */
  export type Sent = Promise<void>;

  /** What hears of an event. */
  type Listener = (...args: any[]) => void;

  /** The methods of node's EventEmitter. */
  export interface Emitter {
    /** Any other event. */
    on(event: string | symbol, listener: Listener): this;
    /** As on, for the next one only. */
    once(event: string | symbol, listener: Listener): this;
    /** Takes a listener away. */
    off(event: string | symbol, listener: Listener): this;
    /** The same as on. */
    addListener(event: string | symbol, listener: Listener): this;
    /** The same as off. */
    removeListener(event: string | symbol, listener: Listener): this;
    /** Takes all listeners away, or all of one event. */
    removeAllListeners(event?: string | symbol): this;
    /** As on, before all others. */
    prependListener(event: string | symbol, listener: Listener): this;
    /** As once, before all others. */
    prependOnceListener(event: string | symbol, listener: Listener): this;
    /** Calls the listeners of an event here; true if there are any. */
    emit(event: string | symbol, ...args: any[]): boolean;
    /** The listeners of an event. */
    listeners(event: string | symbol): Function[];
    /** The same, with the wrappers that once makes. */
    rawListeners(event: string | symbol): Function[];
    /** How many listeners an event has. */
    listenerCount(event: string | symbol): number;
    /** The events that have listeners. */
    eventNames(): Array<string | symbol>;
    /** From how many listeners of one event on there is a warning; default 10. */
    setMaxListeners(n: number): this;
    /** What setMaxListeners has set. */
    getMaxListeners(): number;
  }

  /** What master, worker and tracker have in common. */
  export interface Node extends Emitter {
    /** Its id, which no other node has. */
    readonly id: string;
    /** What it is in the cluster. */
    readonly role: 'master' | 'worker' | 'tracker';
    /** What it was configured with. */
    readonly data: any;
    /** The IP address that it listens on. */
    readonly addr: string;
    /** The port that it listens on. */
    readonly port: number;
    /** Whether it has left. */
    readonly left: boolean;
    /** Joins the cluster; creating does so unless `conf.join` is false. */
    join(): this;
    /** Says goodbye; resolves when that is done. Tasks that a master still has reject with ERR_LEFT. */
    leave(): Promise<void>;
    /** Lets the process end although this node is joined. */
    unref(): this;
    /** Undoes unref. */
    ref(): this;
    /** The nodes that it looks for and that are available: workers for a master, masters for a worker. */
    peers(): Peer[];
    /** The available node with that id. */
    peer(id: string): Peer | undefined;
    /**
     * The event bus of the cluster. A tracker reaches the nodes that it lists, and nodes and other trackers of its own
     * subnet.
     */
    readonly bus: Bus;
  }

  /** The event bus: what one node emits, the listeners of all nodes hear, whatever their role. */
  export interface Bus {
    /** Emits an event, such as "deploy.web.done", on all nodes, this one included. */
    emit(event: string, data?: any): Sent;
    /** Hears of events whose name fits the pattern: * stands for one part between dots, ** for any number of them. */
    on(pattern: string, listener: BusListener): this;
    /** Hears of the next such event only. */
    once(pattern: string, listener: BusListener): this;
    /** Takes a listener away; without one, all that were added with the pattern. */
    off(pattern: string, listener?: BusListener): this;
  }

  /** Hears of an event: its data, the node that emitted it, its name. */
  export type BusListener = (data: any, sender: Peer | Node, event: string) => void;

  /** What runs a function: our own engine, node's, or the one that is faster for it. */
  export type Engine = 'auto' | 'goja' | 'node';

  /** What may be said of each task. */
  export interface TaskOptions {
    /** How long it may run, in each attempt; then it ends with a TimeoutError. */
    timeout?: Duration;
    /** How long it may wait until a worker begins it. */
    queueTimeout?: Duration;
    /** How often it runs again after it failed; default 0. Lost workers do not count. */
    retries?: number;
    /** The wait before the first of these, doubled each time up to a minute; or more exactly. */
    backoff?: Duration | Backoff;
    /** Asked before each retry; `attempt` counts from 1. */
    retryIf?: (err: any, attempt: number) => unknown;
    /** Larger is sooner; default 0. */
    priority?: number;
    /** Cancels it when aborted. */
    signal?: AbortSignal;
    /**
     * What runs the function: "goja" never leaves the sandbox; "node" runs it in a warm node process, on workers that have
     * one and know this master for a member of their cluster, without files and network in any case; "auto" (default)
     * begins on goja and moves a function to node when it was measured to be heavy there. Values and errors are the same.
     */
    engine?: Engine;
    /** Which workers may run it: one of these does. */
    where?: Query | Predicate;
    /** What it holds of its worker while it runs; an array has an element for each attempt that follows a failure. */
    resources?: Resources | Resources[];
    /** Whether it may run twice if its first worker is lost; default true. */
    idempotent?: boolean;
    /**
     * Keeps the task from workers that did not prove that they hold the cluster's key, for arguments that are nobody else's business: they are
     * sent to members alone, and without one it fails with `ERR_PEER_UNTRUSTED`. Packages are kept from strangers in any case.
     */
    membersOnly?: boolean;
    /**
     * Whether the function takes the variables with it that it uses from around it; default true. If false it has those
     * alone that `fn` was told.
     */
    capture?: boolean;
  }

  /** How long to wait between attempts. */
  export interface Backoff {
    /** Whether the wait doubles (default) or stays. */
    type?: 'exponential' | 'fixed';
    /** The first wait. */
    delay?: Duration;
    /** The share of each wait that is random, from 0 to 1; default 0. */
    jitter?: number;
  }

  /** What a map takes besides. */
  export interface MapOptions extends TaskOptions {
    /** How many items are under way at once; default: as many as keep all workers busy. */
    concurrency?: number;
    /** How many items travel together; "auto" (default) measures. */
    chunk?: 'auto' | number;
    /** Whether results come in the order of the items; default true. */
    ordered?: boolean;
    /** Whether the first failure ends the map; default true. Else it rejects with an AggregateError when all is done. */
    stopOnError?: boolean;
  }

  /** A task that says more than a function does. */
  export interface TaskObject {
    /** What logs and listings call it; default: the function's name. */
    name?: string;
    /** A package.json; its repository is cloned, it is put over the one there, and npm install is run. */
    package_json?: { repository?: string | { type?: 'git'; url: string; ref?: string; directory?: string }; [key: string]: any };
    /** What is to run. */
    run?: {
      /** A file of the repository; without package_json one of this machine, which is sent with all that it requires. */
      file?: string;
      /** A function, or the name of an export of the file or of the package. */
      function?: ((...args: any[]) => any) | string;
      /** Its arguments; those of the call count first. */
      args?: any[];
      /** A folder below the checkout to run in. */
      cwd?: string;
    };
    /** Whether the folder is removed afterwards; true by default. */
    deleteWhenDone?: boolean;
    /** "file" runs fileName with args, "github" runs cmds in a repository. */
    type?: 'file' | 'github';
    /** The file of type "file". */
    fileName?: string;
    /** Its arguments. */
    args?: any[];
    /** Whose repository, of type "github". */
    user?: string;
    /** The repository's name. */
    repo?: string;
    /** Branch, tag or commit. */
    ref?: string;
    /** Folder of the repository. */
    dir?: string;
    /** Commands for the shell; post runs even if cmd failed. */
    cmds?: { pre?: string; cmd: string; post?: string };
    /** Its id, once it was sent. */
    id?: string;
    /** How it ended. */
    result?: TaskResult;
  }

  /** How a task object ended. */
  export interface TaskResult<R = any> {
    /** 0 on success. */
    exitCode: number;
    /** The error's message. */
    error?: string;
    /** The error's errno, if it has one. */
    errno?: number;
    /** The function's value. */
    data?: R;
    /** What was printed, of a task with a type; code is exitCode. */
    stdout?: string;
    /** What was printed as errors. */
    stderr?: string;
    /** The exit code again. */
    code?: number;
    /** The folder on the worker, if it was kept. */
    path?: string;
  }

  /** Hears once how all has ended. With an error, results holds what succeeded nevertheless. */
  export type TaskCallback<R = any> = (err: TaskError | null, results?: R[]) => void;

  /** What a failed task rejects with: the error that it threw, of the same class, or one of ours with a code. */
  export interface TaskError extends Error {
    /** Such as ERR_WORKER_LOST; codes do not change their meaning. */
    code?: string;
    /** The worker that had it. */
    worker?: Peer;
    /** The task that failed. */
    task?: TaskObject;
    /** For several workers: which of them failed, and why. */
    errors?: Array<{ worker: Peer | undefined; cause: any }>;
    /** For several workers: what succeeded; undefined where it failed. */
    results?: any[];
  }

  /** A task under way: a promise of its result that is an EventEmitter, too. */
  export interface Handle<T> extends Promise<T>, Emitter {
    /** The task's id; of several, joined by commas. */
    readonly id: string;
    /** "queued", "sent", "received", "started" or "done", of the first task. */
    readonly state: string;
    /** The worker that has, or had, the first task. */
    readonly worker: Peer | undefined;
    /** Ends it where it is; it rejects with ERR_CANCELLED. */
    cancel(reason?: string): this;
    /** It is queued, sent, received, started or done. */
    on(event: 'state', listener: (state: string, worker: Peer | undefined) => void): this;
    /** The task has said how far it is. */
    on(event: 'progress', listener: (fraction: number, worker: Peer) => void): this;
    /** The task has printed something. */
    on(event: 'log', listener: (log: TaskLog, worker: Peer) => void): this;
    /** Any other event. */
    on(event: string | symbol, listener: Listener): this;
  }

  /** What a task printed. */
  export interface TaskLog {
    /** Where it printed. */
    stream: 'stdout' | 'stderr';
    /** Whole lines. */
    text: string;
  }

  /** A map under way: awaited, an array of results; iterated, the results as they come. */
  export interface MapRun<R> extends PromiseLike<R[]>, AsyncIterable<R> {
    /** Awaits the results, as of a promise. */
    catch<T = never>(onrejected: (reason: any) => T | PromiseLike<T>): Promise<R[] | T>;
    /** Awaits the results, as of a promise. */
    finally(f: () => void): Promise<R[]>;
    /** Stops pulling items and cancels what runs. */
    cancel(reason?: unknown): this;
  }

  /** A large value that was stored; given as an argument, it is the value inside the task. */
  export interface Reference<T> {
    /** The SHA-256 of the value as it travels, in hexadecimal digits. */
    readonly id: string;
    /** How many bytes travel. */
    readonly size: number;
    /** A copy of the value. */
    get(): T;
  }

  /** An argument, or a reference to it. */
  export type Arg<T> = T | Reference<T>;
  /** A function's arguments, each of which may be a reference. */
  type Args<A extends any[]> = { [K in keyof A]: Arg<A[K]> };

  /** A master: it sends tasks to workers. */
  export interface Master extends Node {
    /** What it is in the cluster. */
    readonly role: 'master';
    /** Runs a task on each worker that the target selects; one result for each, in their order. */
    sendTaskTo<A extends any[], R>(target: Target, fn: (...args: A) => R, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskTo<A extends any[], R>(target: Target, fn: (...args: A) => R, args: Args<A> | undefined, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskTo<A extends any[], R>(target: Target, fn: (...args: A) => R, options: TaskOptions, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskTo<A extends any[], R>(target: Target, fn: (...args: A) => R, args: Args<A> | undefined, options: TaskOptions | undefined, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskTo(target: Target, task: TaskObject, ...rest: Array<any[] | TaskOptions | TaskCallback<TaskResult> | undefined>): Handle<TaskResult[]>;
    /** Runs a task on every worker that is available now. */
    sendTaskToAll<A extends any[], R>(fn: (...args: A) => R, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskToAll<A extends any[], R>(fn: (...args: A) => R, args: Args<A> | undefined, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskToAll<A extends any[], R>(fn: (...args: A) => R, options: TaskOptions, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskToAll<A extends any[], R>(fn: (...args: A) => R, args: Args<A> | undefined, options: TaskOptions | undefined, callback?: TaskCallback<Awaited<R>>): Handle<Awaited<R>[]>;
    sendTaskToAll(task: TaskObject, ...rest: Array<any[] | TaskOptions | TaskCallback<TaskResult> | undefined>): Handle<TaskResult[]>;
    /** Sends a message. */
    sendTo(target: Target, event: string, data?: any): Sent;
    /** Runs a task, as sendTaskTo. */
    sendTo<A extends any[], R>(target: Target, fn: (...args: A) => R, ...rest: Array<any[] | TaskOptions | TaskCallback | undefined>): Handle<Awaited<R>[]>;
    sendTo(target: Target, task: TaskObject, ...rest: Array<any[] | TaskOptions | TaskCallback | undefined>): Handle<TaskResult[]>;
    /** Sends a message: the event is emitted on each selected worker's object as (data, sender). */
    msgTo(target: Target, event: string, data?: any): Sent;
    /** Sends a message to all workers that are available now. */
    msgToAll(event: string, data?: any): Sent;
    /** Runs a function once, on any worker. */
    run<A extends any[], R>(fn: (...args: A) => R, args?: Args<A>, options?: TaskOptions): Handle<Awaited<R>>;
    run<R>(fn: () => R, options: TaskOptions): Handle<Awaited<R>>;
    /** Runs a task object once, on any worker. */
    run(task: TaskObject, args?: any[], options?: TaskOptions): Handle<any>;
    /** Runs a function on each item, spread over all workers. Items are pulled as there is room. */
    map<T, R>(items: Iterable<T | PromiseLike<T>> | AsyncIterable<T>, fn: (item: T) => R, options?: MapOptions): MapRun<Awaited<R>>;
    /** Stores a large value, which then travels once to each worker. Arguments and captures over 64 KB do so by themselves. */
    put<T>(value: T): Reference<T>;

    /** A worker is there and takes tasks. Who listens late hears of those that are there. */
    on(event: 'workerAvailable', listener: (worker: Peer) => void): this;
    /** A worker has left, was lost, or takes no more tasks. */
    on(event: 'workerUnavailable', listener: (workerId: string) => void): this;
    /** A worker has taken a task. */
    on(event: 'workerTaskReceived', listener: (worker: Peer, task: TaskObject) => void): this;
    /** What the task needs is there: it begins to run. */
    on(event: 'workerTaskConfigComplete', listener: (worker: Peer, task: TaskObject) => void): this;
    /** A task has said how far it is. */
    on(event: 'workerProgress', listener: (worker: Peer, fraction: number, task: TaskObject) => void): this;
    /** A task has ended; task.result says how. */
    on(event: 'workerTaskComplete', listener: (worker: Peer, task: TaskObject) => void): this;
    /** A task has printed something. */
    on(event: 'taskLog', listener: (worker: Peer, task: TaskObject, log: TaskLog) => void): this;
    /** A message that a worker or a task sent. */
    on(event: string | symbol, listener: Listener): this;
  }

  /** A worker: it runs tasks of masters. */
  export interface Worker extends Node {
    /** What it is in the cluster. */
    readonly role: 'worker';
    /** How many tasks run at once. */
    readonly slots: number;
    /** Takes this worker out of the list of available ones, or puts it back. Running tasks end normally. */
    setAvailability(available: boolean): void;
    /** Tells the masters of the tasks that run here how far they are, from 0 to 1. */
    setProgress(fraction: number): void;
    /** Sends a message to every master that this worker knows. */
    sendToMaster(event: string, data?: any): Sent;
    /** Sends a message to each other worker that the target selects. */
    sendTo(target: Target, event: string, data?: any): Sent;
    /** Sends a message to all other workers. */
    sendToAll(event: string, data?: any): Sent;
    /** The other workers that are here now. */
    workers(): Promise<Peer[]>;

    /** A master is there. Who listens late hears of those that are there. */
    on(event: 'masterAvailable', listener: (master: Peer) => void): this;
    /** A master has left, or was lost. */
    on(event: 'masterUnavailable', listener: (master: Peer) => void): this;
    /** A task of a master has come. */
    on(event: 'taskReceived', listener: (master: Peer, task: { id: string; name: string }) => void): this;
    /** A message that a master or another worker sent. */
    on(event: string | symbol, listener: Listener): this;
  }

  /** A tracker: where nodes of several networks find each other. */
  export interface Tracker extends Node {
    /** What it is in the cluster. */
    readonly role: 'tracker';
    /** A worker is there and takes tasks. Who listens late hears of those that are there. */
    on(event: 'workerAvailable', listener: (worker: Peer) => void): this;
    /** A worker has left, was lost, or takes no more tasks. */
    on(event: 'workerUnavailable', listener: (workerId: string) => void): this;
    /** A master is there. Who listens late hears of those that are there. */
    on(event: 'masterAvailable', listener: (master: Peer) => void): this;
    /** A master has left, or was lost. */
    on(event: 'masterUnavailable', listener: (masterId: string) => void): this;
    /** Any other event. */
    on(event: string | symbol, listener: Listener): this;
  }

  /** What a task can do with messages: the same for `task` and `worker`. */
  export interface TaskMessages {
    /** Tells the master how far the task is, from 0 to 1. */
    setProgress(fraction: number): void;
    /** Sends a message to the task's master. Its event is emitted there as (data, worker). */
    sendToMaster(event: string, data?: any): void;
    /**
     * Sends a message to other workers than the task's own: any one (undefined, null), one by its id or as a plain object
     * that an argument has brought, several, or all for which a query holds.
     */
    sendTo(target: undefined | null | string | { id: string } | Array<string | { id: string }> | Query, event: string, data?: any): Sent;
    /** Sends a message to all other workers. */
    sendToAll(event: string, data?: any): Sent;
    /** The event bus. A task can emit on it, and not listen. */
    readonly bus: Pick<Bus, 'emit'>;
  }

  /** What task code sees of its task, as the global `task`. */
  export interface Task extends TaskMessages {
    /** The task's id. */
    readonly id: string;
    /** The name of the function, or of the task object. */
    readonly name: string;
    /** From here on Math.random gives the same numbers for the same seed, on any worker. */
    seed(seed: unknown): void;
    /** Aborted when the task is cancelled or its time is over. */
    readonly signal: AbortSignal;
    /** The worker that it runs on. */
    readonly worker: TaskWorker;
    /** In a node process of a package: the arguments. */
    readonly args?: any[];
    /** In a node process of a package that runs a file: makes a value the result. */
    setResult?(value: any): void;
  }

  /** What task code sees of its worker, as the global `worker`, too. */
  export interface TaskWorker extends TaskMessages {
    /** The worker's id. */
    readonly id: string;
    /** What the worker was configured with. */
    readonly data: any;
  }
}

declare module 'sc:supercluster' { export * from 'supercluster'; }
declare module 'nnet' { export * from 'supercluster'; }

/** Inside a task: that task. */
declare const task: import('supercluster').Task;
