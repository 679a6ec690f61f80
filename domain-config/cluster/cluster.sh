# shellcheck shell=bash
# ./plenum cluster up | down | status | promote | upgrade | backup | restore: a whole cluster on this machine, every process a real one. Sourced by ./plenum, whose
# functions it uses. What it runs is what docs/cluster-guide.md tells an administrator of several hosts to run.
#
# Ports from the base B: HAProxy B+80, its statistics B+91, administration B+48, broker B+76, database B+32, replica B+33;
# instance K: B+100*K plus 80 (HTTP), 48 (administration), 49 (data grid) and so on.

cluster="$home/clusters/$port_base"
domains="$cluster/administration" domain="$domains/plenum"
admin_port=$((port_base + 48)) page_port=$((port_base + 80)) stats_port=$((port_base + 91))
broker_port=$((port_base + 76)) primary_port=$((port_base + 32)) replica_port=$((port_base + 33))
host=127.0.0.1 node=local group=plenum broker_launcher='' ran_before=''
# Both of them, and the one that writes is looked for: after a promotion the nodes find the other one by themselves. Each node
# connects from an address of its own, so that a firewall can tell them apart (database_address).
database="jdbc:postgresql://$host:$primary_port,$host:$replica_port/plenum?targetServerType=primary&hostRecheckSeconds=1"
instance_offsets="80:HTTP_LISTENER_PORT 81:HTTP_SSL_LISTENER_PORT 48:ASADMIN_LISTENER_PORT 49:HZ_LISTENER_PORT
37:IIOP_LISTENER_PORT 38:IIOP_SSL_LISTENER_PORT 39:IIOP_SSL_MUTUALAUTH_PORT 86:JMX_SYSTEM_CONNECTOR_PORT
66:OSGI_SHELL_TELNET_PORT 9:JAVA_DEBUGGER_PORT 90:BALANCER_PORT"

# ---- names and ports ----------------------------------------------------------------------------
instances() { seq -f 'node%g' 1 "$nodes"; }
made_instances() { # those that have a folder, whatever --nodes says now
  local folder
  for folder in "$cluster/nodes/$node"/node[1-9]; do
    [ ! -d "$folder" ] || basename "$folder"
  done
}
instance_base() { echo $((port_base + 100 * ${1#node})); }
instance_http() { echo $(($(instance_base "$1") + 80)); }
database_address() { # database_address NAME: where that node's connections to the database come from
  if [ "$(uname -s)" = Linux ]; then echo "127.0.1.${1#node}"; else echo "$host"; fi
}
instance_dir() { echo "$cluster/nodes/$node/$1"; }

process_with() { # process_with MARK [PROGRAM]: the process whose command line has that text
  ps -eo pid=,args= | awk -v mark="$1" -v program="${2:-java}" \
    '!found && index($0, mark) && index($2, program) && !/awk/ { print $1; found = 1 }'
}
instance_pid() { process_with "instanceRoot=$(instance_dir "$1") "; }
broker_pid() { process_with "imq.varhome=$cluster/broker"; }
haproxy_pid() { process_with "$cluster/haproxy.cfg" haproxy; }
# The folders are named after the part that each began with; a promotion turns the parts round (database-primary).
primary_now() { cat "$cluster/database-primary" 2> /dev/null || echo primary; }
replica_now() { if [ "$(primary_now)" = primary ]; then echo replica; else echo primary; fi; }
database_port() { if [ "$1" = primary ]; then echo "$primary_port"; else echo "$replica_port"; fi; }
database_url() { echo "jdbc:postgresql://$host:$(database_port "$1")/plenum"; }
postgres_pid() { # postgres_pid FOLDER
  local pid=''
  [ ! -f "$cluster/$1/postmaster.pid" ] || pid="$(head -n 1 "$cluster/$1/postmaster.pid")"
  [ -z "$pid" ] || ! ps -p "$pid" -o args= 2> /dev/null | grep -F -- "-D $cluster/$1" > /dev/null || printf '%s' "$pid"
}

cluster_needs() {
  local problems=''
  command -v haproxy > /dev/null ||
    problems="$problems
        HAProxy is not installed. Debian, Ubuntu: apt-get install haproxy; Fedora, RHEL: dnf install haproxy"
  command -v xz > /dev/null || problems="$problems
        xz is not installed (it unpacks PostgreSQL). Debian, Ubuntu: apt-get install xz-utils"
  if [ "$(id -u)" = 0 ] && ! unshare -U true 2> /dev/null; then
    problems="$problems
        PostgreSQL does not run as root, and this machine gives root no user namespace: run this as another user"
  fi
  [ -z "$problems" ] || fail "something is missing:$problems"
  local free
  free="$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo 2> /dev/null || echo 999999)"
  [ "$free" -ge $((1200 + 900 * nodes)) ] ||
    fail "$free MiB of memory are free; a cluster of $nodes nodes needs $((1200 + 900 * nodes)) (--nodes and --heap make it smaller)"
}

cluster_ports() {
  local name offset
  echo "$page_port:HAProxy $stats_port:HAProxy-statistics $admin_port:administration $broker_port:JMS-broker"
  echo "$primary_port:database $replica_port:replica"
  for name in $(instances); do
    for offset in $instance_offsets; do echo "$(($(instance_base "$name") + ${offset%%:*})):$name-${offset#*:}"; done
  done
}

# ---- PostgreSQL -----------------------------------------------------------------------------------
get_postgres() {
  local version architecture system artifact
  version="$(property postgresql.binaries.version)"
  postgres="$home/postgresql-${version%%.*}"
  [ ! -x "$postgres/bin/postgres" ] || return 0
  system=linux architecture=amd64
  case "$(uname -m)" in aarch64|arm64) architecture=arm64v8 ;; esac
  [ "$(uname -s)" != Darwin ] || system=darwin
  artifact="embedded-postgres-binaries-$system-$architecture"
  quietly "$home/postgresql.log" "Getting PostgreSQL $version" \
    maven -N org.apache.maven.plugins:maven-dependency-plugin:3.9.0:unpack \
    "-Dartifact=io.zonky.test.postgres:$artifact:$version:jar" "-DoutputDirectory=$home/postgresql.new" -Dmdep.overWriteReleases=true
  mkdir -p "$postgres"
  tar -xJf "$home"/postgresql.new/postgres-*.txz -C "$postgres"
  rm -rf "$home/postgresql.new"
}

as_database() { # PostgreSQL refuses to run as root, so root hands it a user namespace
  if [ "$(id -u)" = 0 ]; then unshare -U "$@"; else "$@"; fi
}

pg_ctl() { # pg_ctl FOLDER ARGUMENTS
  local folder="$cluster/$1"
  shift
  as_database "$postgres/bin/pg_ctl" -D "$folder" "$@"
}

template() { # template FILE: with the names that the cluster's files share
  sed -e '/^#/d' -e "s|@LISTEN@|$host|g" -e "s|@PORT@|$2|g" -e "s|@STATS_PORT@|$stats_port|g" -e "s|@RUN@|.|g" "$1"
}

make_databases() {
  local password replication
  rm -rf "$cluster/primary" "$cluster/replica"
  random_password > "$cluster/database-owner-password"
  random_password > "$cluster/database-password"
  random_password > "$cluster/replication-password"
  password="$(cat "$cluster/database-password")" replication="$(cat "$cluster/replication-password")"
  as_database "$postgres/bin/initdb" -D "$cluster/primary" -U postgres -A scram-sha-256 -E UTF8 --no-locale \
    "--pwfile=$cluster/database-owner-password"
  {
    template "$root/domain-config/cluster/postgresql.conf" "$primary_port"
    echo "unix_socket_directories = ''" # the path may be too long for one
  } >> "$cluster/primary/postgresql.conf"
  printf 'host replication replicator %s/32 scram-sha-256\n' "$host" >> "$cluster/primary/pg_hba.conf"
  as_database "$postgres/bin/postgres" --single -D "$cluster/primary" postgres << SQL
CREATE ROLE plenum LOGIN PASSWORD '$password'
CREATE ROLE replicator LOGIN REPLICATION PASSWORD '$replication'
GRANT pg_read_all_stats TO plenum
CREATE DATABASE plenum OWNER plenum
SELECT pg_create_physical_replication_slot('replica', true)
SQL
}

# What the files of an older cluster do not have yet.
complete_database() { # complete_database FOLDER
  local line file="$cluster/$1/pg_hba.conf"
  line="host plenum plenum 127.0.0.0/8 scram-sha-256"
  grep -qxF "$line" "$file" || printf '%s\n' "$line" >> "$file"
  file="$cluster/$1/postgresql.conf" line="include_if_exists = 'plenum-replica.conf'"
  grep -qxF "$line" "$file" || printf '%s\n' "$line" >> "$file"
}

# Whether every commit of the primary waits until the replica has it on disk, or only those that ask for it (durability REPLICA).
wait_for_replica() { # wait_for_replica FOLDER sync|async
  local commit=on file="$cluster/$1/plenum-replica.conf"
  [ "$2" = sync ] || commit=local
  printf "synchronous_standby_names = 'replica'\nsynchronous_commit = %s\n" "$commit" > "$file.new"
  if cmp -s "$file.new" "$file"; then rm -f "$file.new"; return 0; fi
  mv "$file.new" "$file"
  [ -z "$(postgres_pid "$1")" ] || pg_ctl "$1" reload > /dev/null
}

# A copy of the stopped primary. On hosts of their own, pg_basebackup makes it of a running one (docs/cluster-guide.md). Its slot is made
# anew: one that was lost is never good again.
make_replica() {
  local from to
  from="$(primary_now)" to="$(replica_now)"
  as_database "$postgres/bin/postgres" --single -D "$cluster/$from" -c exit_on_error=on postgres << SQL || return 1
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'replica'
SELECT pg_create_physical_replication_slot('replica', true)
SQL
  rm -rf "$cluster/replica.new" "$cluster/$to.old"
  cp -a "$cluster/$from" "$cluster/replica.new" || return 1
  rm -f "$cluster/replica.new/postmaster.pid"
  rm -rf "$cluster"/replica.new/pg_replslot/*
  printf '%s:*:*:replicator:%s\n' "$host" "$(cat "$cluster/replication-password")" > "$cluster/replica.pgpass"
  {
    printf "port = %s\n" "$(database_port "$to")"
    printf "primary_conninfo = 'host=%s port=%s user=replicator passfile=%s application_name=replica'\n" \
      "$host" "$(database_port "$from")" "$cluster/replica.pgpass"
    printf "primary_slot_name = 'replica'\n"
  } >> "$cluster/replica.new/postgresql.conf" || return 1
  touch "$cluster/replica.new/standby.signal" || return 1
  if [ -d "$cluster/$to" ]; then mv "$cluster/$to" "$cluster/$to.old" || return 1; fi # until here it could have been promoted
  mv "$cluster/replica.new" "$cluster/$to" || return 1
  rm -rf "$cluster/$to.old"
}

start_database() { # start_database FOLDER
  [ -n "$(postgres_pid "$1")" ] ||
    quietly "$cluster/$1-start.log" "Starting the database $1" pg_ctl "$1" start -w -t 60 -l "$cluster/$1.log"
}

# Without a slot that holds the log from where it stands, a replica can never follow: the primary kept max_slot_wal_keep_size for it.
replica_can_follow() {
  local asked slot
  asked="$(facts "primary=$(database_url "$(primary_now)")")"
  slot="$(of_facts "$asked" primary.slot)"
  [ -n "$slot" ] || fail "the database does not answer: $(of_facts "$asked" primary.error)"
  case "$slot" in
    lost|missing) say "The replica was away for too long (its slot: $slot) and can never follow: it is made anew, and writes wait meanwhile"; return 1 ;;
  esac
}

start_databases() {
  local from to which
  if [ ! -f "$cluster/$(primary_now)/PG_VERSION" ]; then
    [ ! -f "$cluster/database-primary" ] || fail "the database is gone: $cluster/$(primary_now)"
    quietly "$cluster/initdb.log" "Making the database" make_databases
  fi
  from="$(primary_now)" to="$(replica_now)"
  complete_database "$from"
  wait_for_replica "$from" "$replica_mode"
  if [ -f "$cluster/$to/PG_VERSION" ]; then
    [ -f "$cluster/$to/standby.signal" ] ||
      fail "$cluster/$to is no replica: it would be a second primary. Look at it, and give it another name; then up makes a replica"
    start_database "$from"
  fi
  if [ ! -f "$cluster/$to/PG_VERSION" ] || ! replica_can_follow; then
    for which in "$to" "$from"; do
      [ -z "$(postgres_pid "$which")" ] || pg_ctl "$which" stop -m fast -w > /dev/null
    done
    quietly "$cluster/replica-copy.log" "Making the replica" make_replica
  fi
  complete_database "$to"
  for which in "$from" "$to"; do start_database "$which"; done
}

# ---- promotion ------------------------------------------------------------------------------------
facts() { # facts NAME=URL...: what DatabaseFacts.java says of them
  "$jdk/bin/java" -XX:TieredStopAtLevel=1 -cp "$driver_jar" "$root/domain-config/cluster/DatabaseFacts.java" postgres "$@" \
    < "$cluster/database-owner-password"
}
of_facts() { printf '%s\n' "$1" | sed -n "s/^$2=//p"; } # of_facts FACTS NAME.KEY

# What pg_controldata would say; PostgreSQL comes without it. The places have been these since version 8.
control_state() { od -A n -t u4 -j 16 -N 4 "$cluster/$1/global/pg_control" 2> /dev/null | tr -d ' '; } # 1: shut down in order, 6: writes
control_redo() { od -A n -t u8 -j 40 -N 8 "$cluster/$1/global/pg_control" 2> /dev/null | tr -d ' '; } # the log reached this at least
as_position() { printf '%X/%X' "$(($1 >> 32))" "$(($1 & 0xFFFFFFFF))"; }

promotion_is_unfinished() { # an older version named the new primary before it was one
  [ -f "$cluster/promoting" ] || [ -f "$cluster/$(primary_now)/standby.signal" ]
}

refuse_unfinished_promotion() {
  ! promotion_is_unfinished || fail "a promotion was begun and not finished. Do it again:
        ./plenum cluster promote --port-base $port_base"
}

# The replica takes the place of the primary, which is lost for good or to be replaced. First the old one is stopped, in order when it
# can be, so that it sends the replica all that it has; then fenced, so that nothing can ever be written to it again: two primaries
# would both be the truth. Its data stays, under a name that nothing starts. A promotion that is interrupted is repeated.
cluster_promote() {
  prepare
  [ -d "$cluster" ] || fail "there is no cluster on port base $port_base"
  find_jdk
  get_driver
  get_postgres
  umask 077
  local old new outcome=''
  if [ -f "$cluster/promoting" ]; then
    say "Going on with the promotion that was begun"
    { read -r old new && read -r outcome; } < "$cluster/promoting"
  elif promotion_is_unfinished; then
    say "Going on with the promotion that was begun"
    new="$(primary_now)" old="$(replica_now)" outcome="What the replica has was not compared with the old primary."
  else
    old="$(primary_now)" new="$(replica_now)"
    [ -f "$cluster/$new/standby.signal" ] || fail "there is no replica to promote"
    [ -n "$(postgres_pid "$new")" ] || fail "the replica does not run. Start it (./plenum cluster up), or look at $cluster/$new.log"
    stop_old_primary
    # From here on there is no way back; each step may be repeated.
    printf '%s %s\n%s\n' "$old" "$new" "$outcome" > "$cluster/promoting.new"
    mv "$cluster/promoting.new" "$cluster/promoting"
  fi
  fence_old_primary
  wait_for_replica "$new" async # there is nobody to wait for until the next up makes a replica; who asks for it is refused
  [ -n "$(postgres_pid "$new")" ] ||
    quietly "$cluster/$new-start.log" "Starting the replica" pg_ctl "$new" start -w -t 60 -l "$cluster/$new.log"
  quietly "$cluster/promote.log" "Promoting the replica" promote_replica
  echo "$new" > "$cluster/database-primary.new"
  mv "$cluster/database-primary.new" "$cluster/database-primary"
  rm -f "$cluster/promoting"
  say "Promoted. The nodes find it by themselves within seconds. It has no replica: ./plenum cluster up --port-base $port_base makes one"
  say "$outcome"
}

promote_replica() {
  [ "$(control_state "$new")" != 6 ] || return 0 # the last time
  pg_ctl "$new" promote -w -t 60 || [ "$(control_state "$new")" = 6 ]
}

fence_old_primary() {
  local pid fenced
  [ ! -f "$cluster/$old/standby.signal" ] || return 0 # a copy that an up made after an older version was interrupted
  for pid in $(postgres_pid "$old"); do end_old_primary "$pid"; done
  if [ -d "$cluster/$old" ]; then
    fenced="$old.fenced-$(date -u +%Y%m%d%H%M%S)"
    mv "$cluster/$old" "$cluster/$fenced"
    say "Fenced the old primary: its data is in ${cluster#"$root"/}/$fenced, and nothing starts it"
  fi
}

end_old_primary() { # end_old_primary PID
  pg_ctl "$old" stop -m immediate -w -t 10 >> "$cluster/$old-stop.log" 2>&1 || true
  end_process "$1" || fail "the old primary (process $1) does not end, and beside it no other one may write"
}

# Sets outcome: whether the replica has everything. What it certainly lacks, or may lack although the primary is well enough to be
# asked, is lost by a promotion, so that needs --force; what nobody can know of a dead primary does not.
stop_old_primary() {
  local pid asked received reached='' missing changes=0 most=$((16 * 1024 * 1024)) at
  pid="$(postgres_pid "$old")"
  say "Asking what the replica has"
  if [ -z "$pid" ]; then asked="$(facts "new=$(database_url "$new")")"
  else asked="$(facts "old=$(database_url "$old")" "new=$(database_url "$new")")"; fi
  received="$(of_facts "$asked" new.position)"
  [ -n "$received" ] || refuse_loss "nobody knows what the replica has, since it does not answer: $(of_facts "$asked" new.error)"
  reached="$(of_facts "$asked" old.position)"
  if [ -n "$reached" ]; then
    changes="$(of_facts "$asked" new.revision)"
    changes=$(($(of_facts "$asked" old.revision) - ${changes:-0}))
    missing=$((reached - ${received:-0}))
    if [ "$(of_facts "$asked" old.replica)" != streaming ]; then
      refuse_loss "the replica does not follow ($(of_facts "$asked" old.replica), its slot: $(of_facts "$asked" old.slot)) and is $(behind)"
    elif [ "$missing" -gt "$most" ]; then
      refuse_loss "the replica is still $(behind)"
    fi
  elif [ -n "$pid" ]; then
    say "The old primary (process $pid) does not answer: $(of_facts "$asked" old.error)"
  fi
  : > "$cluster/$old-stop.log"
  if [ -n "$pid" ]; then
    # In order: all sessions are ended, and the replica is sent everything, the end of the log included. It waits for the replica alone.
    say "Stopping the old primary"
    pg_ctl "$old" stop -m fast -w -t 10 >> "$cluster/$old-stop.log" 2>&1 || end_old_primary "$pid"
  fi
  received="$(of_facts "$(facts "new=$(database_url "$new")")" new.position)"
  [ -n "$received" ] || received="$(of_facts "$asked" new.position)"
  if [ -z "$received" ]; then
    outcome="It is not known what the replica had: it did not answer."
    return 0
  fi
  at="$(control_redo "$old")"
  [ "${at:-0}" -le "${reached:-0}" ] || reached="$at"
  missing=$((${reached:-0} - received))
  [ "$missing" -gt 0 ] || missing=0
  at="the replica received the log up to $(as_position "$received")"
  if [ "$missing" -gt 0 ]; then
    refuse_loss "the replica is at least $(behind)"
    outcome="NOT everything was there: $at and is at least $(behind). The rest is in the fenced folder only."
  elif [ "$(control_state "$old")" = 1 ]; then
    outcome="Everything was there: $at, and the old primary, shut down in order, has no more."
  elif [ -n "$(of_facts "$asked" old.position)" ]; then
    refuse_loss "the old primary did not stop in order within 10 s, so the replica may lack what was acknowledged last"
    outcome="It is not known whether everything was there: the old primary did not stop in order; $at."
  else
    outcome="It is not known whether everything was there: the old primary was dead; $at, the last commit in it is of $(of_facts "$asked" new.committed).\
 What was acknowledged after that without waiting for the replica is in the fenced folder only."
    [ "$(cat "$cluster/replica.mode" 2> /dev/null || echo sync)" != sync ] ||
      outcome="$outcome With --replica sync, as here, every commit waits for the replica."
  fi
}

behind() { # how much is missing, in words
  printf '%s bytes behind' "$missing"
  [ "$changes" -le 0 ] || printf '; up to %s acknowledged changes are missing there' "$changes"
}

refuse_loss() { # refuse_loss REASON: with --force it is only said. A primary that was stopped for it serves again
  if [ "$force" = true ]; then say "Going on by --force, although $1"; return 0; fi
  if [ -n "$pid" ] && [ -z "$(postgres_pid "$old")" ]; then
    quietly "$cluster/$old-start.log" "Starting the old primary again" pg_ctl "$old" start -w -t 60 -l "$cluster/$old.log"
  fi
  fail "$1.
        Nothing was changed. Wait until the replica has caught up, or mend it (./plenum cluster status, up). To promote it
        all the same, and lose what it lacks: ./plenum cluster promote --force --port-base $port_base"
}

# ---- the broker -----------------------------------------------------------------------------------
start_broker() {
  [ -z "$(broker_pid)" ] || return 0
  local properties="$cluster/broker/instances/plenum/props"
  mkdir -p "$properties"
  template "$root/domain-config/broker.properties" 0 > "$properties/config.properties"
  printf 'imq.portmapper.port=%s\n' "$broker_port" >> "$properties/config.properties"
  setsid "$payara/mq/bin/imqbrokerd" -javahome "$jdk" -varhome "$cluster/broker" -name plenum -port "$broker_port" \
    -vmargs "-Xms32m -Xmx192m" -silent >> "$cluster/broker.log" 2>&1 < /dev/null &
  broker_launcher=$!
  quietly "$cluster/destinations.log" "Starting the JMS broker" "$root/domain-config/destinations" \
    --imqcmd "$payara/mq/bin/imqcmd" --broker "$host:$broker_port" --java-home "$jdk"
}

# ---- the deployment group ---------------------------------------------------------------------------
# The first start already: no HTTP listener for users, no broker, no member of the data grid; and what it does now and then is not
# worth an optimising compiler.
reduce_administration() {
  local file="$domain/config/domain.xml"
  awk '
    /<config name="default-config"/ { model = 1 }
    !model && /<network-listener / && /name="http-listener-[12]"/ { sub(/<network-listener /, "<network-listener enabled=\"false\" ") }
    !model && /<hazelcast-config-specific-configuration/ { sub(/<hazelcast-config-specific-configuration/, "& enabled=\"false\"") }
    /<jms-service type="EMBEDDED" default-jms-host="default_JMS_host">/ { sub(/EMBEDDED/, "REMOTE") }
    !model && /<\/java-config>/ { print "        <jvm-options>-XX:TieredStopAtLevel=1</jvm-options>" }
    { print }' "$file" > "$file.new"
  mv "$file.new" "$file"
}

grid_members() {
  local name list=''
  for name in $(instances); do list="$list,$host:$(($(instance_base "$name") + 49))"; done
  printf '%s' "${list#,}"
}

cluster_settings() {
  printf '%s\n' "$nodes" "$heap" "$demo" "$roles"
  [ -z "$options" ] || checksum "$options"
  checksum "$root"/domain-config/*.* "$root"/domain-config/apply "$root"/domain-config/cluster/*
}

make_administration() {
  rm -rf "$domain"
  printf 'AS_ADMIN_PASSWORD=%s\nAS_ADMIN_MASTERPASSWORD=%s\n' "$(random_password)" changeit > "$domains/admin-password"
  quietly "$cluster/domain.log" "Making the administration server on port $admin_port" \
    asadmin_local create-domain --domaindir "$domains" --portbase "$port_base" --checkports=false plenum
  confine_new_domain
  reduce_administration
  mkdir -p "$cluster/keys"
  random_password > "$cluster/secret"
  touch "$domains/created"
}

apply_group() {
  local arguments
  arguments=(--asadmin "$asadmin" --port "$admin_port" --passwordfile "$domains/admin-password" --group "$group"
    --listen "$host" --grid-members "$(grid_members)" --grid-interface "$host" --grid-name "plenum-$port_base"
    --broker "$host:$broker_port" --database "$database&localSocketAddress=\${PLENUM_DATABASE_FROM}" --database-user plenum
    --database-password-file "$cluster/database-password" --secret-file "$cluster/secret"
    --key-file "$cluster/keys/token-signing.jwk" --heap "$heap")
  [ "$demo" = false ] || arguments+=(--demo)
  [ -z "$options" ] || arguments+=(--options "$options")
  AS_JAVA="$jdk" quietly "$cluster/apply.log" "Applying domain-config/ to the group" "$root/domain-config/apply" "${arguments[@]}"
}

make_instance() { # make_instance NAME: what an administrator runs on each host
  local name="$1" base properties='' offset
  base="$(instance_base "$name")"
  for offset in $instance_offsets; do properties="$properties:${offset#*:}=$((base + ${offset%%:*}))"; done
  asadmin_local --host "$host" --port "$admin_port" create-local-instance --nodedir "$cluster/nodes" --node "$node" \
    --config "$group-config" --deploymentgroup "$group" --checkports=false \
    --systemproperties "PLENUM_HOST=$host:PLENUM_DATABASE_FROM=$(database_address "$name")$properties" "$name" || return 1
  touch "$(instance_dir "$name")/made" "$(instance_dir "$name")/addressed"
}

start_instance() { # start_instance NAME
  ulimit -n "$(ulimit -Hn)" 2> /dev/null || true
  asadmin_local start-local-instance --nodedir "$cluster/nodes" --node "$node" --timeout 300 "$1"
}

# Two at once start in little more than the time of one.
all_instances() { # all_instances COMMAND [NAMES]: for each instance, side by side
  local name pids='' code=0 pid
  for name in ${2-$(instances)}; do
    "$1" "$name" > "$cluster/$name-${1//_/-}.log" 2>&1 &
    pids="$pids $!"
  done
  for pid in $pids; do wait "$pid" || code=1; done
  [ "$code" = 0 ] || tail -n 15 "$cluster"/node*-"${1//_/-}".log
  return "$code"
}

make_instances() {
  local name
  asadmin_remote list-nodes | grep "^$node " > /dev/null ||
    asadmin_remote create-node-config --nodehost "$host" --installdir "$payara" --nodedir "$cluster/nodes" "$node" || return 1
  for name in $(instances); do
    [ -f "$(instance_dir "$name")/made" ] || make_instance "$name" || return 1
    [ -f "$(instance_dir "$name")/addressed" ] || give_address "$name" || return 1
    [ "$roles" = "$(cat "$cluster/roles" 2> /dev/null || true)" ] || give_role "$name" || return 1
  done
  printf '%s' "$roles" > "$cluster/roles"
}

give_address() { # give_address NAME: to one that an older version made
  asadmin_remote create-system-properties --target "$1" "PLENUM_DATABASE_FROM=$(database_address "$1")" || return 1
  touch "$(instance_dir "$1")/addressed"
}

give_role() { # give_role NAME: its part of --roles, else everything
  local role
  role="$(printf '%s' "$roles" | cut -d/ -f"${1#node}")"
  asadmin_remote create-system-properties --target "$1" "plenum.node.roles=${role:-business,writer,reader}"
}

start_if_stopped() { [ -n "$(instance_pid "$1")" ] || start_instance "$1"; }

stop_instance() {
  local pid patience=60
  pid="$(instance_pid "$1")"
  [ -n "$pid" ] || return 0
  [ -n "$(broker_pid)" ] || patience=15 # it would look for the broker for ever
  timeout "$patience" "$asadmin" stop-local-instance --nodedir "$cluster/nodes" --node "$node" "$1" < /dev/null || true
  end_process "$pid"
}

end_process() { # end_process PID: by force when it does not end in time
  local waited=0
  while kill -0 "$1" 2> /dev/null; do
    case "$waited" in 0) kill "$1" 2> /dev/null || true ;; 40) kill -9 "$1" 2> /dev/null || true ;; 60) return 1 ;; esac
    sleep 0.25
    waited=$((waited + 1))
  done
}

# ---- the application ------------------------------------------------------------------------------
# Its first version is deployed to the group. An upgrade deploys each further one under a name of its own, "plenum:CHECKSUM", to a group
# of its own, which nobody is in yet, so that nobody loads it, and takes one node after the other into that group. Without the group
# Payara 7 would load an application that several instances refer to on the first of them only (docs/adr/0054-*.md).
deploy_to_group() { # while no node runs
  local name
  for name in $(deployed_names); do
    [ "$name" = plenum ] || drop_version "$name" || return 1
  done
  asadmin_remote deploy --force=true --name plenum --contextroot /plenum --target "$group" "$ear" || return 1
  rm -f "$cluster/application-before" "$cluster/application-next"
  echo plenum > "$cluster/application"
}

application_now() { cat "$cluster/application" 2> /dev/null || echo plenum; } # the version that all nodes had when all had the same
application_before() { cat "$cluster/application-before" 2> /dev/null || true; } # the one that they had before that, while it is kept
deployed_names() { asadmin_remote list-applications domain | awk '$1 ~ /^plenum(:|$)/ { print $1 }'; }
references() { asadmin_remote list-application-refs "$1" | awk '$1 ~ /^plenum(:|$)/ { print $1 }'; } # references INSTANCE

application_of() { # application_of EAR: the name under which it is deployed, or will be
  local sum
  sum="$(checksum "$1")"
  if [ "$(application_now)" = plenum ] && [ "$(cat "$cluster/deployed" 2> /dev/null || true)" = "$sum" ]; then
    echo plenum
  else
    echo "plenum:${sum% }"
  fi
}

version_group() { echo "$group-${1#plenum:}"; } # version_group APPLICATION: any but the first, whose group is the cluster's
groups() { asadmin_remote list-deployment-groups | sed -n 's/^[[:space:]]*\([^[:space:]]*\)$/\1/p'; }
in_group() { asadmin_remote get "deployment-groups.deployment-group.$2.dg-server-ref.$1.ref" > /dev/null 2>&1; } # in_group INSTANCE GROUP
group_refers() { asadmin_remote get "deployment-groups.deployment-group.$(version_group "$1").application-ref.*" 2> /dev/null | grep -F "$1" > /dev/null; }

make_version_group() { # make_version_group APPLICATION: while it is not there. Who has the version already is taken in after its reference
  groups | grep -Fx "$(version_group "$1")" > /dev/null || asadmin_remote create-deployment-group "$(version_group "$1")"
}

# Nobody has it any more, or nobody runs.
drop_version() { # drop_version APPLICATION
  empty_version_group "$1" || return 1 # first: who were left in it would get a later version of that name at once, while they run
  asadmin_remote undeploy --target domain "$1" || return 1
  ! groups | grep -Fx "$(version_group "$1")" > /dev/null || asadmin_remote delete-deployment-group "$(version_group "$1")"
}

empty_version_group() { # empty_version_group APPLICATION
  local name
  groups | grep -Fx "$(version_group "$1")" > /dev/null || return 0
  for name in $(made_instances); do
    ! in_group "$name" "$(version_group "$1")" || leave_group "$name" "$1" || return 1
  done
}

leave_group() { asadmin_remote remove-instance-from-deployment-group --instance "$1" --deploymentgroup "$(version_group "$2")"; } # leave_group INSTANCE APPLICATION

# A stopped node gets the files when it starts. One that has the version from an upgrade by an older script joins its group.
refer() { # refer INSTANCE APPLICATION: it has that version and no other
  local name
  for name in $(references "$1"); do
    [ "$name" != "$2" ] || continue
    if [ "$name" != plenum ] && in_group "$1" "$(version_group "$name")"; then
      leave_group "$1" "$name" || return 1
    else
      asadmin_remote delete-application-ref --target "$1" "$name" || return 1
    fi
  done
  if [ "$2" = plenum ]; then
    references "$1" | grep -Fx plenum > /dev/null || asadmin_remote create-application-ref --target "$1" plenum || return 1
  elif ! in_group "$1" "$(version_group "$2")" || [ -z "$(references "$1")" ]; then
    make_version_group "$2" || return 1
    # It joined, and the administration server ended before it had the reference.
    ! in_group "$1" "$(version_group "$2")" || leave_group "$1" "$2" || return 1
    group_refers "$2" || asadmin_remote create-application-ref --target "$(version_group "$2")" "$2" || return 1
    asadmin_remote add-instance-to-deployment-group --instance "$1" --deploymentgroup "$(version_group "$2")" || return 1
  fi
  [ "$(references "$1" | tr '\n' ' ')" = "$2 " ] || { echo "$1 has $(references "$1" | tr '\n' ' '), and not $2 alone"; return 1; }
}

# ---- HAProxy --------------------------------------------------------------------------------------
start_haproxy() {
  local name servers="$cluster/haproxy.servers"
  for name in $(instances); do echo "  server $name $host:$(instance_http "$name")"; done > "$servers"
  sed 's|  server \(.*\) \(.*\)|  server \1 \2 track nodes/\1|' "$servers" > "$servers.sockets"
  template "$root/domain-config/cluster/haproxy.cfg" "$page_port" |
    sed -e "/@SERVERS@/{r $servers
d
}" -e "/@SOCKET_SERVERS@/{r $servers.sockets
d
}" > "$cluster/haproxy.new"
  if [ -n "$(haproxy_pid)" ]; then
    if cmp -s "$cluster/haproxy.new" "$cluster/haproxy.cfg"; then return 0; fi
    end_process "$(haproxy_pid)"
  fi
  mv "$cluster/haproxy.new" "$cluster/haproxy.cfg"
  ulimit -n "$(ulimit -Hn)" 2> /dev/null || true
  quietly "$cluster/haproxy.log" "Starting HAProxy" run_haproxy
}

run_haproxy() { # in its folder: the path of a socket must be short
  cd "$cluster" && haproxy -D -f "$cluster/haproxy.cfg" -p "$cluster/haproxy.pid"
}

# ---- commands -------------------------------------------------------------------------------------
# A node without the role of a business node says that it is not ready; it serves its role all the same.
serves() { # serves PORT: the body of /health/ready, when nothing but that role is missing
  local body
  body="$(ready "$1")" || [ "$(fact "$body" business) $(grep -o '"DOWN"' <<< "$body" | wc -l)" = 'DOWN 3' ] || return 1
  [ -n "$(fact "$body" business.roles)" ] || return 1 # a server without an application says UP as well
  printf '%s' "$body"
}

ready() ( # ready PORT [PATH]: the body of /health/ready; false unless it answers 200. In a shell of its own, see wait_with_progress
  local line body=''
  { exec 4<> "/dev/tcp/$host/$1"; } 2> /dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "${2:-/health/ready}" "$host" >&4
  while IFS= read -rt 5 line <&4 || [ -n "$line" ]; do body="$body$line"; line=''; done
  exec 4<&- 4>&-
  printf '%s' "$body"
  case "$body" in *' 200 '*) ;; *) return 1 ;; esac
)

# HAProxy passes no question about health on; this one it answers itself.
page_serves() { ready "$page_port" /ready > /dev/null; }

fact() { printf '%s' "$1" | tr '\r\n' '  ' | sed -n "s/.*\"$2\": *\"\([^\"]*\)\".*/\1/p"; } # fact BODY NAME

wait_for_group() {
  local deadline=$((SECONDS + 240)) name waiting
  while [ "$SECONDS" -lt "$deadline" ]; do
    waiting=''
    for name in $(instances) page; do
      if [ "$name" = page ]; then page_serves || waiting="$waiting HAProxy"
      else serves "$(instance_http "$name")" > /dev/null || waiting="$waiting $name"; fi
      [ "$name" = page ] || [ -n "$(instance_pid "$name")" ] ||
        fail "$name ended by itself; its log: $(instance_dir "$name")/logs/server.log"
    done
    [ -n "$waiting" ] || return 0
    if [ -t 1 ]; then printf '\r\033[K[%3ds] Waiting for:%s ' "$((SECONDS - start_seconds))" "$waiting"; fi
    sleep 0.5
  done
  for name in $(instances); do
    grep -vE '^[[:space:]]*(at |\.\.\. )|^$' "$(instance_dir "$name")/logs/server.log" 2> /dev/null | tail -n 15 >&2 || true
  done
  fail "after 240 s these do not answer:$waiting. Logs: $cluster/nodes/$node/*/logs/server.log"
}

cluster_up() {
  prepare
  find_jdk
  check_disk
  umask 077
  mkdir -p "$cluster"
  [ "$nodes_given" = true ] || [ ! -f "$cluster/nodes.count" ] || nodes="$(cat "$cluster/nodes.count")"
  : "${replica_mode:=$(cat "$cluster/replica.mode" 2> /dev/null || echo sync)}"
  echo "$replica_mode" > "$cluster/replica.mode"
  refuse_unfinished_restore
  refuse_unfinished_promotion
  cluster_needs
  ran_before="$(running)"
  if [ -z "$ran_before" ]; then
    ports="$(cluster_ports)"
    check_ports
  fi
  say "JDK $jdk_version in $jdk; $nodes nodes"
  trap end_cluster_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  get_server
  get_driver
  get_postgres
  start_build
  start_databases
  start_broker
  if [ -z "$(server_pid)" ]; then
    [ -f "$domains/created" ] || { mkdir -p "$domains"; make_administration; }
    start_server
  fi
  finish_build
  local changed=false
  if [ "$(cat "$cluster/settings" 2> /dev/null || true)" != "$(cluster_settings)" ]; then changed=true; fi
  if [ "$(cat "$cluster/deployed" 2> /dev/null || true)" != "$(checksum "$ear")" ]; then changed=true; fi
  if [ "$changed" = true ]; then
    quietly "$cluster/instances-stop.log" "Stopping the nodes, if any runs" all_instances stop_instance "$(made_instances)"
    apply_group
    quietly "$cluster/instances.log" "Making the nodes" make_instances
    if [ "$(cat "$cluster/deployed" 2> /dev/null || true)" != "$(checksum "$ear")" ]; then
      quietly "$cluster/deploy.log" "Deploying the application to the group" deploy_to_group
      checksum "$ear" > "$cluster/deployed"
    elif [ "$(application_now)" != plenum ] || [ -f "$cluster/application-next" ]; then
      quietly "$cluster/deploy.log" "Giving each node its application" refer_all # a new node has the group's first version
    fi
    cluster_settings > "$cluster/settings"
    echo "$nodes" > "$cluster/nodes.count"
  fi
  start_haproxy
  quietly "$cluster/instances-start.log" "Starting the nodes" all_instances start_if_stopped
  wait_for_group
  run_done=true
  [ ! -t 1 ] || printf '\r\033[K'
  say "The cluster answers."
  cluster_status
  cat <<TEXT

  Page            http://$host:$page_port/plenum/   (through HAProxy; its statistics: http://127.0.0.1:$stats_port/)
  Admin console   http://$host:$admin_port/   (user admin, password in ${domains#"$root"/}/admin-password)
  JMS broker      mq://$host:$broker_port
TEXT
  [ "$demo" = false ] || cat << 'TEXT'

  Demo people     ada (platform admin), grace, alan, linus, margaret
  Passwords       demo-ada, demo-grace, ...
TEXT
  cat << TEXT

  ./plenum cluster status --port-base $port_base | ./plenum cluster down --port-base $port_base (data stays)
TEXT
}

# What runs of this cluster, one a line.
running() {
  local name pid
  for name in haproxy server broker; do
    pid="$(${name}_pid)"
    [ -z "$pid" ] || echo "$name (process $pid)"
  done
  for name in $(made_instances); do
    pid="$(instance_pid "$name")"
    [ -z "$pid" ] || echo "$name (process $pid)"
  done
  for name in primary replica; do
    pid="$(postgres_pid "$name")"
    [ -z "$pid" ] || echo "database $name (process $pid)"
  done
}

# An up that did not succeed leaves nothing running; one that was to complete a running cluster leaves that as it is.
end_cluster_up() {
  local code=$? left
  trap - EXIT
  trap '' INT TERM
  [ -z "$child" ] || end_tree "$child"
  [ -z "$build_pid" ] || end_tree "$build_pid"
  if [ "$run_done" = true ]; then exit "$code"; fi
  if [ -n "$ran_before" ]; then
    printf 'plenum: part of the cluster ran before and was left running: ./plenum cluster status --port-base %s\n' "$port_base" >&2
  else
    printf 'plenum: stopping what was started\n' >&2
    stop_cluster > "$cluster/stop.log" 2>&1 || true
    left="$(running)"
    [ -z "$left" ] || printf 'plenum: these did not end (see %s):\n%s\n' "$cluster/stop.log" "$left" >&2
  fi
  exit "$code"
}

# Each part is stopped, whatever becomes of the others.
stop_cluster() {
  local pid which
  asadmin="${asadmin:-$payara/glassfish/bin/asadmin}"
  export AS_JAVA="$jdk"
  for pid in $(haproxy_pid); do end_process "$pid" || true; done
  all_instances stop_instance "$(made_instances)" || true
  stop_server || true
  [ -z "$broker_launcher" ] || [ -n "$(broker_pid)" ] || end_tree "$broker_launcher"
  for pid in $(broker_pid); do end_process "$pid" || true; done
  for which in "$(replica_now)" "$(primary_now)"; do
    [ -z "$(postgres_pid "$which")" ] || pg_ctl "$which" stop -m fast -w -t 60 > "$cluster/$which-stop.log" 2>&1 || true
  done
}

cluster_down() {
  prepare
  [ -d "$cluster" ] || fail "there is no cluster on port base $port_base"
  find_jdk
  get_server
  get_postgres
  umask 077
  say "Stopping the cluster on port base $port_base"
  stop_cluster > "$cluster/stop.log" 2>&1
  local left
  left="$(running)"
  [ -z "$left" ] || fail "these did not end (logs: ${cluster#"$root"/}):
$left"
  say "Stopped; the data stays in ${cluster#"$root"/}."
}

# Sets status_code: 0 all of it serves, 1 something does not, 3 nothing runs.
cluster_status() {
  local name pid body state which
  status_code=0
  [ -d "$cluster" ] || { echo "There is no cluster on port base $port_base: ./plenum cluster up --port-base $port_base"; status_code=3; return; }
  [ "$nodes_given" = true ] || [ ! -f "$cluster/nodes.count" ] || nodes="$(cat "$cluster/nodes.count")"
  pid="$(haproxy_pid)"
  if [ -z "$pid" ]; then state='does not run' status_code=1
  elif page_serves; then state="serves http://$host:$page_port/plenum/"
  else state='runs, but no node is ready' status_code=1; fi
  printf '  %-18s %s%s\n' HAProxy "$state" "${pid:+ (process $pid)}"
  for name in $(instances); do
    pid="$(instance_pid "$name")"
    if [ -z "$pid" ]; then
      state='does not run' status_code=1
    elif body="$(serves "$(instance_http "$name")")"; then
      state="serves on $(instance_http "$name") as $(fact "$body" business.roles), $(version_on "$name")"
      [ "$(fact "$body" writer.epoch)" = 0 ] || state="$state, leads the writing (epoch $(fact "$body" writer.epoch))"
      [ "$(fact "$body" reader.applying)" != true ] || state="$state, applies to the cache"
      state="$state, revision $(fact "$body" updates.applied), $(fact "$body" updates.behind) ms behind"
    else
      state='runs, but is not ready' status_code=1
    fi
    printf '  %-18s %s%s\n' "$name" "$state" "${pid:+ (process $pid)}"
  done
  for name in broker server; do
    pid="$(${name}_pid)"
    if [ -n "$pid" ]; then state="runs (process $pid)"; else state='does not run' status_code=1; fi
    case "$name" in broker) printf '  %-18s %s\n' 'JMS broker' "$state" ;; server) printf '  %-18s %s\n' administration "$state" ;; esac
  done
  [ ! -f "$cluster/application-next" ] ||
    printf '  %-18s %s\n' upgrade "to $(cat "$cluster/application-next") goes on, or was not finished (./plenum cluster upgrade; --back)"
  ! promotion_is_unfinished || printf '  %-18s %s\n' promotion "was begun and not finished: ./plenum cluster promote --port-base $port_base"
  if [ -n "$(postgres_pid primary)$(postgres_pid replica)" ]; then
    [ -n "${jdk:-}" ] || find_jdk
    [ -n "${driver_jar:-}" ] || driver_jar="$home/postgresql-$(property postgresql.version).jar"
    "$jdk/bin/java" -XX:TieredStopAtLevel=1 -cp "$driver_jar" "$root/domain-config/cluster/DatabaseStatus.java" \
      "$(database_url "$(primary_now)")" "$(database_of "$(primary_now)")" \
      "$(database_url "$(replica_now)")" "$(database_of "$(replica_now)")" plenum < "$cluster/database-password" || status_code=1
  else
    printf '  %-18s %s\n' database 'does not run'
    status_code=1
  fi
  for which in "$cluster"/*.fenced-*; do
    [ ! -d "$which" ] || printf '  %-18s %s\n' 'fenced database' "in ${which#"$root"/}: one that a promotion replaced; nothing starts it, remove it when it is not missed"
  done
  [ -n "$(running)" ] || status_code=3
}

# What it was started with, as it lies there.
version_on() { # version_on INSTANCE
  local folder
  for folder in "$(instance_dir "$1")"/applications/plenum*; do
    [ ! -d "$folder" ] || { basename "$folder" | tr '~' ':'; return; }
  done
  echo 'no application'
}

# A promotion changes which folder is which.
database_of() { # database_of FOLDER
  local pid
  pid="$(postgres_pid "$1")"
  if [ -n "$pid" ]; then echo "(folder $1, process $pid)"; else echo "(folder $1, no process)"; fi
}

# ---- upgrade --------------------------------------------------------------------------------------
# In the midst of an upgrade each keeps what it has; a new node, which was made with the first version, gets what all had.
refer_all() {
  local name has next
  next="$(cat "$cluster/application-next" 2> /dev/null || true)"
  for name in $(instances); do
    has="$(references "$name")" || return 1
    if [ -z "$next" ] || [ "$has" != "$next" ]; then has="$(application_now)"; fi
    refer "$name" "$has" || return 1
  done
}

haproxy_node() { # haproxy_node drain|ready INSTANCE SECONDS; in its folder: the path of a socket must be short
  (cd "$cluster" && timeout "$(($3 + 60))" "$jdk/bin/java" -XX:TieredStopAtLevel=1 "$root/domain-config/cluster/HaproxyNode.java" \
    haproxy.sock "$1" "$2" "$3")
}

leads() { # leads INSTANCE: it holds the writer's lease
  local body epoch
  body="$(serves "$(instance_http "$1")")" || return 1
  epoch="$(fact "$body" writer.epoch)"
  [ "${epoch:-0}" != 0 ]
}

somebody_may_lead_without() { # somebody_may_lead_without INSTANCE: writes would wait for it otherwise
  local name body
  for name in $(instances); do
    [ "$name" != "$1" ] || continue
    body="$(serves "$(instance_http "$name")")" || continue
    case "$(fact "$body" business.roles)" in *writer*) return 0 ;; esac
  done
  return 1
}

next_node() { # next_node NAMES: the first that does not lead; the leader when it is the last
  local name
  for name in "$@"; do
    if ! leads "$name"; then echo "$name"; return; fi
  done
  echo "$1"
}

# Fails at once when its process ends; a version that does not start is not ready for as long as one waits.
wait_until_ready() { # wait_until_ready INSTANCE
  local deadline=$((SECONDS + ready_wait)) body
  while ! serves "$(instance_http "$1")" > /dev/null; do
    [ -n "$(instance_pid "$1")" ] || { echo "$1 ended by itself"; return 1; }
    if [ "$SECONDS" -ge "$deadline" ]; then
      body="$(ready "$(instance_http "$1")" || true)"
      printf '%s is not ready after %s s. /health/ready: %s\n' "$1" "$ready_wait" "${body:-no answer}"
      return 1
    fi
    sleep 0.5
  done
}

# One node gets the version: others answer meanwhile, and its sockets are closed in order (1001) when it stops.
upgrade_node() { # upgrade_node INSTANCE APPLICATION
  local code=0
  if [ -n "$(instance_pid "$1")" ]; then
    somebody_may_lead_without "$1" || { echo "no other node that is ready may lead, so writes would fail without $1"; return 1; }
    haproxy_node drain "$1" "$drain_wait" || code=$?
    # What is left after that time is lost with the node, a read by a very slow client for example; so bounded is the wait.
    case "$code" in 0|3) ;; *) return 1 ;; esac
    stop_instance "$1" || return 1
  fi
  refer "$1" "$2" || return 1
  start_instance "$1" || return 1
  wait_until_ready "$1" || return 1
  if ready "$(instance_http "$1")" > /dev/null; then
    haproxy_node ready "$1" 60
  else
    haproxy_node ready "$1" 0 # no business node: HAProxy gives it nothing anyway
  fi
}

deploy_version() { # deploy_version APPLICATION EAR: only kept by the administration server; what nobody needs any more goes
  local name deployed needed has
  deployed=" $(deployed_names | tr '\n' ' ')"
  needed=" $1 $(application_now) "
  for name in $(instances); do
    has="$(references "$name")" || { echo "nobody knows which version $name has"; return 1; }
    needed="$needed$(tr '\n' ' ' <<< "$has")"
  done
  for name in $deployed; do
    case "$needed" in
      *" $name "*) ;;
      *) if [ "$name" = plenum ]; then asadmin_remote undeploy --target domain "$name"; else drop_version "$name"; fi || return 1 ;;
    esac
  done
  case "$deployed" in
    *" $1 "*) return 0 ;;
  esac
  make_version_group "$1" || return 1
  empty_version_group "$1" || return 1
  # Without --forcename the name in the archive counts, and the version would replace the one that runs.
  asadmin_remote deploy --target "$(version_group "$1")" --forcename=true --name "$1" --contextroot /plenum "$2"
}

# Node by node while people work; the leader last. Stops at the first node that does not become ready.
cluster_upgrade() {
  prepare
  [ -d "$cluster" ] || fail "there is no cluster on port base $port_base"
  find_jdk
  get_server
  get_postgres
  umask 077
  nodes="$(cat "$cluster/nodes.count")"
  [ -n "$(haproxy_pid)" ] && [ -n "$(server_pid)" ] ||
    fail "HAProxy and the administration server must run: ./plenum cluster up --port-base $port_base"
  export AS_JAVA="$jdk"
  local version="$upgrade_ear" todo='' name left each
  [ -z "$version" ] || [ "$upgrade_back" = false ] || fail "either an EAR or --back"
  trap end_cluster_upgrade EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ "$upgrade_back" = true ]; then
    # In the midst of an upgrade that is the version that it began with.
    if [ -f "$cluster/application-next" ]; then version="$(application_now)"; else version="$(application_before)"; fi
    [ -n "$version" ] || fail "no version is kept to go back to; give its EAR: ./plenum cluster upgrade EAR"
  else
    [ -n "$version" ] || { start_build; finish_build; version="$ear"; }
    [ -f "$version" ] || fail "there is no file $version"
    upgrade_ear="$version" version="$(application_of "$version")"
  fi
  upgrade_to="$version"
  if [ "$upgrade_back" = false ]; then
    quietly "$cluster/deploy.log" "Giving the administration server $version" deploy_version "$version" "$upgrade_ear"
    [ "$version" = "$(application_now)" ] || rm -f "$cluster/application-before" # it is gone, or the one to come
  fi
  # A different one from here on is half done until all nodes have one.
  echo "$version" > "$cluster/application-next"
  for name in $(instances); do
    if [ "$(references "$name" | tr '\n' ' ')" = "$version " ] && serves "$(instance_http "$name")" > /dev/null; then
      # Perhaps an upgrade ended before it was put back.
      haproxy_node ready "$name" 0 > "$cluster/$name-upgrade.log" 2>&1 || fail "HAProxy does not answer: $cluster/$name-upgrade.log"
      refer "$name" "$version" >> "$cluster/$name-upgrade.log" 2>&1 || fail "it could not be seen to: $cluster/$name-upgrade.log"
      say "$name has $version already"
    else
      todo="$todo $name"
    fi
  done
  while [ -n "$todo" ]; do
    # shellcheck disable=SC2086 # names without spaces
    name="$(next_node $todo)"
    upgrading="$name"
    quietly "$cluster/$name-upgrade.log" "Upgrading $name" upgrade_node "$name" "$version"
    upgrading=''
    left=''
    for each in $todo; do [ "$each" = "$name" ] || left="$left $each"; done
    todo="$left"
  done
  if [ "$version" != "$(application_now)" ]; then
    application_now > "$cluster/application-before"
    echo "$version" > "$cluster/application"
  fi
  rm -f "$cluster/application-next"
  # What up compares with: it replaces this version by what is built only when that is built anew.
  [ ! -f "$ear" ] || checksum "$ear" > "$cluster/deployed"
  upgrade_done=true
  say "All nodes have $version"
  [ -z "$(application_before)" ] || say "To $(application_before), which they had before: ./plenum cluster upgrade --back --port-base $port_base"
}

end_cluster_upgrade() {
  local code=$?
  trap - EXIT
  trap '' INT TERM
  [ -z "$child" ] || end_tree "$child"
  [ -z "$build_pid" ] || end_tree "$build_pid"
  if [ "$upgrade_done" = true ] || [ ! -f "$cluster/application-next" ]; then exit "$code"; fi
  cat >&2 <<TEXT
plenum: the upgrade to $upgrade_to is not finished${upgrading:+: it ended at $upgrading, which gets no requests}. The other nodes were left as they were.
        on:   mend what stands in ${upgrading:+$(instance_dir "$upgrading")/logs/server.log and }$cluster, then repeat the command; nodes that are done are left out
        back: ./plenum cluster upgrade --back --port-base $port_base
TEXT
  exit "$code"
}

# ---- backup and restore ---------------------------------------------------------------------------
# The nodes' parts come first, then the files of the database that they share (docs/adr/0061-backup-of-a-cluster.md).
cluster_tool() { # cluster_tool COMMAND OPTIONS...
  [ -d "$domain/applications" ] || fail "nothing was deployed on port base $port_base yet: ./plenum cluster up first"
  local command="$1"
  shift
  PGPASSWORD="$(cat "$cluster/database-owner-password")" "$root/domain-config/backup-tool" "$command" --domain-dir "$domain" \
    --java-home "$jdk" --payara "$payara" --driver "$driver_jar" --nodes-dir "$cluster/nodes/$node" \
    --nodes "$(instances | paste -sd, -)" --database-dir "$cluster/$(primary_now)" "$@"
}

prepare_cluster_backup() {
  prepare
  [ -f "$cluster/nodes.count" ] || fail "there is no cluster on port base $port_base"
  find_jdk
  get_server
  get_driver
  get_postgres
  umask 077
  nodes="$(cat "$cluster/nodes.count")"
}

cluster_backup() {
  prepare_cluster_backup
  local arguments=(--to "${backup_path:-$cluster/backups}")
  [ -n "$backup_path" ] || arguments+=(--keep 5)
  [ -n "$(postgres_pid "$(primary_now)")" ] || fail "the database does not run: ./plenum cluster up --port-base $port_base"
  cluster_tool cluster-backup "${arguments[@]}" --url "$(database_url "$(primary_now)")" --user postgres
}

# Settings stay those of now, and so do the passwords: a backup may be of a cluster that this one takes the place of.
settle_database() { # settle_database FOLDER
  local file from
  from="$(primary_now)"
  if [ -f "$cluster/$from/PG_VERSION" ]; then
    for file in postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf plenum-replica.conf; do
      [ ! -f "$cluster/$from/$file" ] || cp "$cluster/$from/$file" "$1/$file" || return 1
    done
  else
    printf 'port = %s\n' "$(database_port "$from")" >> "$1/postgresql.conf"
  fi
  # Replays the log that was copied. There is no replica here that a commit could wait for.
  as_database "$postgres/bin/postgres" --single -D "$1" -c synchronous_standby_names= -c exit_on_error=on postgres << SQL
ALTER ROLE postgres PASSWORD '$(cat "$cluster/database-owner-password")'
ALTER ROLE plenum PASSWORD '$(cat "$cluster/database-password")'
ALTER ROLE replicator PASSWORD '$(cat "$cluster/replication-password")'
SQL
}

end_child() {
  local code=$?
  trap - EXIT
  [ -z "$child" ] || end_tree "$child"
  exit "$code"
}

cluster_restore() {
  [ -n "$backup_path" ] || fail "which backup? ./plenum cluster restore FOLDER; those made without a folder are in
        ${cluster#"$root"/}/backups"
  prepare_cluster_backup
  refuse_unfinished_promotion
  local name which runs='' staged
  for name in $(made_instances); do
    [ -z "$(instance_pid "$name")" ] || runs="$runs $name"
  done
  [ -z "$runs" ] || fail "these nodes run:$runs. Stop the cluster first: ./plenum cluster down --port-base $port_base"
  trap end_child EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  staged="$cluster/$(primary_now).restoring"
  cluster_tool cluster-stage --from "$backup_path" || fail "nothing was changed; the reason is above"
  quietly "$cluster/restore.log" "Replaying the log of the copied database" settle_database "$staged"
  for which in "$(replica_now)" "$(primary_now)"; do
    [ -z "$(postgres_pid "$which")" ] ||
      quietly "$cluster/$which-stop.log" "Stopping the database $which" pg_ctl "$which" stop -m fast -w -t 60
  done
  cluster_tool cluster-restore --from "$backup_path" --replica-dir "$cluster/$(replica_now)" ||
    fail "the restore is not finished; the reason is above. Do it again"
  say "Start the cluster with ./plenum cluster up --port-base $port_base, which makes the replica anew; pages that are open should be reloaded."
}

# A node would refuse to start, and a database that is away just now would be made anew.
refuse_unfinished_restore() {
  local name mark
  for name in $(made_instances); do
    mark="$(instance_dir "$name")/plenum/control/restore-unfinished"
    [ ! -f "$mark" ] || fail "a restore was begun and not finished. Do it again:
        ./plenum cluster restore '$(dirname "$(cat "$mark")")' --port-base $port_base"
  done
}

upgrade_done=false upgrade_to='' upgrading=''
case "$subcommand" in
  up) cluster_up ;;
  upgrade) cluster_upgrade ;;
  down) cluster_down ;;
  status) cluster_status; exit "$status_code" ;;
  promote) cluster_promote ;;
  backup) cluster_backup ;;
  restore) cluster_restore ;;
esac
