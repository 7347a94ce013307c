#!/bin/sh
# Run a program as Lambda does, in a mount namespace of its own:
#   lambda_root.sh ROOT TASK PYTHON CLIENT USER PROGRAM...
# /var/task is the folder TASK; nothing can be written except in /tmp; there is no /dev/shm. PYTHON and CLIENT are
# mounted as /python and /client. USER is a numeric user, or empty for the present one.
set -eu
root=$1 task=$2 python=$3 client=$4 user=$5
shift 5

mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/var/task" "$root/dev" "$root/tmp" "$root/python" "$root/client" "$root/proc"
for folder in usr bin sbin lib lib64 etc; do
  if [ -L "/$folder" ]; then
    cp -P "/$folder" "$root/$folder"
  elif [ -d "/$folder" ]; then
    mkdir "$root/$folder"
    mount --rbind "/$folder" "$root/$folder"
  fi
done
for device in null zero random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount --rbind /proc "$root/proc"
mount --bind "$python" "$root/python"
mount --bind "$client" "$root/client"
mount --bind "$task" "$root/var/task"
mount -o remount,bind,ro "$root/var/task"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -o remount,ro "$root"
PATH=$PATH:/usr/sbin:/sbin exec chroot ${user:+--userspec="$user:$user" --groups=} "$root" "$@"
