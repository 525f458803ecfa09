#!/bin/sh
# Prints the tracker of this AWS instance: its tag "supercluster-tracker".
#
#   sc worker --tracker='exec:./aws.sh'
#
# Instance tags must be allowed in the metadata; see README.md. SC_METADATA is
# another metadata service, for tests.
set -eu
metadata=${SC_METADATA:-http://169.254.169.254}
token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/latest/api/token")
curl -fsS -m 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/tags/instance/${SC_TAG:-supercluster-tracker}"
