// Package lookup asks a service that is there anyway where a cluster is: DNS, Kubernetes, a command, a file, a web
// server. It is for clouds, whose networks carry no broadcast.
//
// A source is written as one word:
//
//	dns:NAME[:PORT]          every address of the name
//	srv:NAME                 SRV records: NAME itself if it begins with "_", else those of _supercluster below it
//	k8s:[NAMESPACE/]SERVICE  a Kubernetes service, by the DNS that every pod has
//	exec:COMMAND             what a shell command prints
//	file:PATH                what a file holds
//	https://HOST/PATH        what a web server answers
//
// A [Source] yields places: trackers, which are asked over HTTP, and nodes, which are dialled. "10.0.0.5" and
// "10.0.0.5:44201" are trackers, as trackers speak TCP; "10.0.0.5:5000/udp" is a node, as nodes speak QUIC. SRV
// records say by "_tcp" and "_udp" which they are. Commands, files and web servers give such words, separated by
// blanks, commas or lines, or JSON: an array of them, or the lists of a tracker's /hostsAvailable. See [Parse].
//
// A source is asked again and again by who uses it; each question ends within 30 s and takes in at most 1 MiB. The
// package starts no goroutine and keeps nothing between two questions.
package lookup
