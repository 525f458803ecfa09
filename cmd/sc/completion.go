package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
)

func completionCommand() *command {
	return &command{
		name:  "completion",
		usage: "bash | zsh | fish",
		short: "print completion for a shell",
		long: `Examples:

  source <(sc completion bash)                         in ~/.bashrc
  source <(sc completion zsh)                          in ~/.zshrc
  sc completion fish >~/.config/fish/completions/sc.fish

The shell then completes commands, flags, topics and files; ids of tasks and
workers, for which it asks the cluster for half a second at most; and of runs.
`,
		run: func(_ context.Context, env *environment, c *command, args []string) error {
			var s settings
			rest, err := c.parse(env, &s, args)
			if err != nil {
				return err
			}
			scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
			if len(rest) != 1 || scripts[rest[0]] == "" {
				return usageError("sc completion bash, zsh or fish", "completion: one shell of bash, zsh and fish is needed")
			}
			fmt.Fprint(env.stdout, scripts[rest[0]])
			return nil
		},
	}
}

// completeCommand is the hidden first argument by which completion scripts ask
// what may follow the words after it. It prints a candidate a line, a tab and
// what it means; a last line ":files" asks for names of files as well.
const completeCommand = "__complete"

// candidate is a word that may stand at a place.
type candidate struct{ word, meaning string }

// candidates lists what may stand for the last of words.
func candidates(ctx context.Context, env *environment, words []string) (list []candidate, files bool) {
	if len(words) == 0 {
		words = []string{""}
	}
	last, before := words[len(words)-1], words[:len(words)-1]
	if len(before) == 0 {
		for _, c := range commands() {
			list = append(list, candidate{c.name, c.short})
		}
		return matching(list, last), true
	}
	c := findCommand(before[0])
	if c == nil { // sc FILE: what follows is the script's
		return nil, true
	}
	if c.script && slices.ContainsFunc(before[1:], func(w string) bool { return !strings.HasPrefix(w, "-") }) {
		return nil, true
	}
	if name, _, ok := strings.Cut(last, "="); ok && strings.HasPrefix(last, "--") {
		for _, v := range flagValues[strings.TrimLeft(name, "-")] {
			list = append(list, candidate{name + "=" + v, ""})
		}
		if c.name == "logs" && name == "--worker" {
			list = workerValues(ctx, env, c, name, before)
		}
		return matching(list, last), false
	}
	if strings.HasPrefix(last, "-") {
		return matching(flagCandidates(c), last), false
	}
	switch c.name {
	case "help":
		for _, c := range commands() {
			list = append(list, candidate{c.name, c.short})
		}
		for _, t := range topics() {
			list = append(list, candidate{t.name, t.short})
		}
	case "ls":
		list = []candidate{{"workers", "who takes tasks"}, {"masters", "who sends tasks"}, {"tasks", "what runs and what waits"}, {"runs", "what was recorded here"}}
	case "cache":
		list = []candidate{{"ls", "what is there"}, {"prune", "remove it, but for what is in use"}}
	case "completion":
		list = []candidate{{"bash", ""}, {"zsh", ""}, {"fish", ""}}
	default:
		list = idCandidates(ctx, env, c, before)
	}
	return matching(list, last), takesFiles(c)
}

// flagValues are the values of flags that have few.
var flagValues = map[string][]string{
	"isolation": {"process", "vm"},
	"engine":    {"auto", "goja", "node"},
	"halt":      {"never", "now,fail=1", "soon,fail=1", "now,success=1"},
	"sort":      {"id", "slots", "running", "rate", "cpu", "memory"},
}

func takesFiles(c *command) bool { return strings.Contains(c.usage, "FILE") || c.name == "init" }

func flagCandidates(c *command) (list []candidate) {
	if c.flags == nil {
		return nil
	}
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.flags(set, new(settings))
	set.VisitAll(func(f *flag.Flag) {
		placeholder, meaning := flag.UnquoteUsage(f)
		word := "--" + f.Name
		if len(f.Name) == 1 {
			word = "-" + f.Name
		}
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); placeholder != "" && !(ok && b.IsBoolFlag()) {
			word += "="
		}
		list = append(list, candidate{word, meaning})
	})
	return list
}

func matching(list []candidate, prefix string) []candidate {
	return slices.DeleteFunc(list, func(c candidate) bool { return !strings.HasPrefix(c.word, prefix) })
}

// printCandidates answers a completion script.
func printCandidates(ctx context.Context, env *environment, words []string) {
	list, files := candidates(ctx, env, words)
	for _, c := range list {
		fmt.Fprintf(env.stdout, "%s\t%s\n", c.word, c.meaning)
	}
	if files {
		fmt.Fprintln(env.stdout, ":files")
	}
}

const bashCompletion = `# sc completion bash: source <(sc completion bash)
_sc_complete() {
  local line word cur=${COMP_LINE:0:$COMP_POINT} files=
  local -a words
  read -ra words <<<"$cur"
  [[ $cur == *[[:space:]] ]] && words+=("")
  cur=${words[${#words[@]}-1]}
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ $word == :files ]]; then files=1; continue; fi
    # bash takes = for the end of a word
    [[ $cur == *=* ]] && word=${word#"${cur%%=*}="}
    COMPREPLY+=("$word")
  done < <("${words[0]}" ` + completeCommand + ` "${words[@]:1}" 2>/dev/null)
  if [[ -n $files ]]; then
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
  fi
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _sc_complete sc
`

const zshCompletion = `#compdef sc
# sc completion zsh: source <(sc completion zsh)
_sc() {
  local word meaning files=
  local -a plain open
  while IFS=$'\t' read -r word meaning; do
    if [[ $word == :files ]]; then files=1
    elif [[ $word == *= ]]; then open+=("${word}:${meaning}")
    else plain+=("${word}:${meaning}")
    fi
  done < <("${words[1]}" ` + completeCommand + ` "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#plain} )) && _describe 'sc' plain
  (( ${#open} )) && _describe 'sc' open -S ''
  [[ -n $files ]] && _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u; }
compdef _sc sc
`

const fishCompletion = `# sc completion fish: ~/.config/fish/completions/sc.fish
function __sc_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] ` + completeCommand + ` $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c sc -f -a '(__sc_complete)'
`
