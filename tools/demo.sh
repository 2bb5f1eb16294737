#!/bin/sh
# A broken copy of the radiology project to try hipaalint on: `make lint` shows it. Usage: demo.sh DIR. What is there stays as it is.
[ -d "$1" ] && exit 0
from=testdata/projects/radiology
new=$1.new
rm -rf "$new" && mkdir -p "$new" && cp -R "$from/terraform" "$from/kubernetes" "$from/.hipaalint.yaml" "$new" || exit 1

change() { # FILE EXPRESSION: an edit by sed that must change something
    sed "$2" "$new/$1" >"$new/changed" || exit 1
    if cmp -s "$new/changed" "$new/$1"; then
        echo "demo.sh: nothing to change in $1: $2" >&2
        exit 1
    fi
    cat "$new/changed" >"$new/$1" && rm "$new/changed"
}

# Patient data unencrypted, encrypted with the wrong thing, and kept too short.
change terraform/modules/stores/database.tf 's/\(storage_encrypted  *\)= true/\1= false/'
change terraform/modules/stores/database.tf 's/\(backup_retention_period  *\)= 35/\1= 1/'
change terraform/modules/audit/trail.tf '0,/retention_in_days = 2192/s//retention_in_days = 30/'
# Workers where everybody reaches them, and old TLS at the door.
change terraform/main.tf '/^module "cluster"/,/^}/s/module.network.app_subnet_ids/module.network.public_subnet_ids/'
change terraform/modules/edge/main.tf 's/ELBSecurityPolicy-TLS13-1-2-2021-06/ELBSecurityPolicy-2016-08/'
# A role for any service account of the cluster, and one that reads every bucket.
change terraform/modules/workloads/main.tf '/StringEquals/{N;s/StringEquals\(.*:sub\)/StringLike\1/;}'
change terraform/modules/workloads/main.tf 's/system:serviceaccount:${each.value}:${each.key}/system:serviceaccount:*:*/'
change terraform/modules/workloads/policies.tf '0,/resources = \["${var.bucket_arns\["intake"\]}\/studies\/\*"\]/s//resources = ["*"]/'
# A pod that is the node.
change kubernetes/base/intake/dicom-intake.yaml '0,/allowPrivilegeEscalation: false/s//privileged: true/'
mv "$new" "$1"
