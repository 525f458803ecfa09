#!/bin/sh
# Prints the tracker of this Rackspace (or other OpenStack) server: the item
# "supercluster_tracker" of its metadata, from the config drive or the service.
#
#   sc worker --tracker='exec:./rackspace.sh'
#
# SC_METADATA and SC_CONFIG_DRIVE are others of these, for tests.
set -eu
drive=${SC_CONFIG_DRIVE:-/mnt/config}/openstack/latest/meta_data.json
if [ -r "$drive" ]; then
  json=$(cat "$drive")
else
  json=$(curl -fsS -m 5 "${SC_METADATA:-http://169.254.169.254}/openstack/latest/meta_data.json")
fi
trackers=$(printf '%s' "$json" | tr '\n' ' ' | sed -n 's/.*"supercluster_tracker" *: *"\([^"]*\)".*/\1/p')
[ -n "$trackers" ] || { echo "the server's metadata has no supercluster_tracker" >&2; exit 1; }
printf '%s\n' "$trackers"
