package main

const metricsHelp = `--metrics of sc run, sc worker and sc tracker serves /metrics in
Prometheus's text format, which most systems of metrics read. Without it
nothing is served.

  sc worker --metrics                 a free port of this host, which is printed
  sc worker --metrics=9100            port 9100, for programs of this host alone
  sc tracker --metrics=10.0.0.5:9100  for whoever reaches that address, without
                                      a password: they see names of functions
  curl http://127.0.0.1:9100/metrics

What a process counts of itself, over all of its nodes:

  sc_nodes {role, state}        other nodes it knows: available, off, draining,
                                or unlinked
  sc_own_nodes {role}           its own
  sc_slots, sc_slots_busy, sc_slots_busy_seconds_total
  sc_tasks {role, function, state}
                                tasks that have not ended; at a worker attempts
  sc_tasks_ended_total {role, function, outcome}
                                outcome is done or failed; 50 functions have
                                their name, those that come later are "(other)"
  sc_task_run_seconds {role}    a histogram
  sc_executors {state}, sc_executors_started_total,
  sc_executors_respawned_total
  sc_links {path}, sc_links_opened_total, sc_link_sent_bytes_total,
  sc_link_received_bytes_total, and the same of packets, with those lost
  sc_announcements_sent_total, sc_announcements_heard_total
  sc_tracker_nodes {role}, sc_tracker_requests_total {outcome},
  sc_tracker_relays, sc_tracker_relayed_bytes_total
                                of a tracker
  process_cpu_seconds_total, process_resident_memory_bytes,
  process_start_time_seconds, go_goroutines, sc_build_info
`
