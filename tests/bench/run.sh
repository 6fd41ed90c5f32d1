#!/usr/bin/env bash
# Measures Baton and prints one table: what was promised, what was reached in this run.
#   tests/bench/run.sh              everything (about eight minutes after the build) but for the last two
#   tests/bench/run.sh NAME...      only these: ingest rate open_loop relay card slow decision brief report idle pending connectors ten
#                                   flat (a million requests: ten minutes) safeguards (eight minutes, a build of its own)
# Figures are ratios taken side by side in one run, for the machines are shared and noisy; memory is
# absolute. README.md says what each one means.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install-dependencies.sh >/dev/null
build=${BATON_BENCH_BUILD:-build/release}  # given: what is built there is measured as it is
[[ -n ${BATON_BENCH_BUILD:-} ]] || cmake --preset release -DBATON_TESTS=ON >/dev/null
[[ -n ${BATON_BENCH_BUILD:-} ]] || cmake --build --preset release --target baton bench_http_load bench_http_floor bench_sink bench_relay_floor \
  bench_seed bench_brief_cost bench_decision_cost bench_connector_cost mapping_render_cost >build/release.build.log 2>&1 || { grep -E "error:" build/release.build.log; exit 1; }

home=$PWD
bench=$PWD/$build/tests/bench
baton=$PWD/$build/baton
key=whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=
work=$(mktemp -d)
started=()
trap 'for one in "${started[@]}"; do kill -9 "$one" 2>/dev/null || true; done; rm -rf "$work"' EXIT
rows=()

row() { rows+=("$1|$2|$3|$4|$5"); printf '%s: %s (%s): %s; %s\n' "$@" >&2; }  # row WHAT REACHED TARGET VERDICT WHERE-IT-GOES
judge() { awk -v a="$1" -v op="$2" -v b="$3" 'BEGIN { ok = op == "<=" ? a <= b : a >= b; print ok ? "reached" : "NOT reached" }'; }
ratio() { awk -v a="$1" -v b="$2" -v d="${3:-2}" 'BEGIN { printf "%.*f", d, a / b }'; }
# Below the ports that the system gives to clients.
free_port() { local p; while p=$((RANDOM % 10000 + 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do :; done; echo "$p"; }
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$1/stat"; }
by_thread() { for t in /proc/"$1"/task/*; do awk -v n="$(cat "$t/comm")" '{ print n, $14 + $15 }' "$t/stat"; done |
  awk '{ t[$1] += $2; all += $2 } END { for (n in t) if (t[n] > all / 100) printf "%s %d %%, ", n, 100 * t[n] / all }'; }
memory_mib() { awk -v f="$2:" '$1 == f { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }  # memory_mib PID VmRSS|VmHWM
await() { for _ in $(seq 1500); do curl -sfk "$1" >/dev/null 2>&1 && return; sleep 0.02; done; echo "no answer from $1" >&2; exit 1; }

# What other programs take of both cores while ours are silent, in percent.
others() { local a b; a=$(head -1 /proc/stat); sleep 1; b=$(head -1 /proc/stat)
  awk -v a="$a" -v b="$b" 'BEGIN { n = split(a, x); split(b, y); for (i = 2; i <= 9; i++) all += y[i] - x[i]; idle = y[5] - x[5] + y[6] - x[6]; printf "%d", 100 - 100 * idle / all }'; }
# A wall-clock figure is no figure on a busy machine: it is shown, and not judged.
judge_rate() { (( busy > 25 )) && echo "not judged: others take $busy % of the machine" || judge "$@"; }

# An event of the issue's size, its id and conversation made by http_load.
make_event() {
  sed -e 's/"id":"evt_[^"]*"/"id":"{{id}}"/; s/"id":"conv-[^"]*"/"id":"c-{{id}}"/' tests/data/sample_event.json >"$work/event.json"
  echo "Content-Type: application/cloudevents+json" >"$work/headers"
}

# gateway FOLDER VENDORS-URL: writes a configuration; start() runs it.
site() {
  local folder="$1" vendors="$2"
  public=$(free_port); admin=$(free_port)
  mkdir -p "$folder/data"
  local fast='    limits: {per_second: 10000, burst: 100000, at_once: 32}'
  cat >"$folder/baton.yaml" <<YAML
public_url: http://127.0.0.1:$public
data_dir: $folder/data
log: {level: warning}
listen: {public: "127.0.0.1:$public", admin: "127.0.0.1:$admin", connections_per_peer: 0}
network: {allow: [127.0.0.1], allow_http: true}
sources:
  bench: {secret: {secret: chat}, event_source: /chat/shop-assistant}
destinations:
  zendesk:
    base_url: $vendors/zendesk
    client_id: baton
    client_secret: {secret: vendor}
$fast
  hubspot:
    base_url: $vendors/hubspot
    token: {secret: vendor}
$fast
  slack:
    base_url: $vendors/slack
    token: {secret: vendor}
    signing_secret: {secret: vendor}
    channel: C0HANDOFFS
$fast
  platform:
    connector: standard_webhooks
    base_url: $vendors/platform
    path: /events
    secret: {secret: chat}
$fast
routes:
  - name: all
    to: {context: [hubspot], tickets: zendesk, alerts: [slack], platform: platform}
YAML
  (cd "$folder" && "$baton" secret init >/dev/null && printf %s "$key" | "$baton" secret set chat >/dev/null &&
    printf %s bench-vendor-secret | "$baton" secret set vendor >/dev/null)
}
serve() {  # serve FOLDER [PREFIX...]: the gateway, ready; its process in $gateway
  local folder="$1"; shift
  # Without the sink's own end of file, or it would never end before the gateway.
  (cd "$folder" && { [[ -z ${hold:-} ]] || exec {hold}>&-; } && exec "$@" "$baton" serve >"$folder/log" 2>&1) &
  gateway=$!; started+=("$gateway")
  await "${address:-http://127.0.0.1:$public}/readyz"
}
stop() { kill -TERM "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }
load() { "$bench/bench_http_load" --url "http://127.0.0.1:$1/v1/events" --body "$work/event.json" --webhook-secret "$key" \
  --headers "$work/headers" "${@:2}"; }
listen() {  # listen NAME COMMAND...: a program that prints its port and ends with its standard input
  local name="$1"; shift
  rm -f "$work/$name.hold" "$work/$name.out"; mkfifo "$work/$name.hold"
  "$@" <"$work/$name.hold" >"$work/$name.out" 2>&1 &
  listener=$!; started+=("$listener")
  exec {hold}>"$work/$name.hold"
  while ! [[ -s "$work/$name.out" ]]; do sleep 0.02; done
  port=$(head -1 "$work/$name.out")
}
end_listener() { eval "exec $hold>&-"; wait "$listener" 2>/dev/null || true; }

# --- instructions: callgrind on the real gateway with all vendors down, from warm to the end of a load

# How many were accepted; anything else in a load makes its figure none.
accepted() {  # reads http_load's report
  awk '/answers in/ { for (i = 1; i < NF; i++) { if ($i == "2xx") good = $(i + 1); if ($i ~ /^[45]xx$/) bad += $(i + 1) } }
    END { if (bad > 0) { print "refused: " bad > "/dev/stderr"; exit 1 } print good + 0 }'
}

# threads OUT: the instructions of each thread as "name count"; valgrind numbers threads as they were made.
threads() {
  local number=0 task
  for task in $(ls "/proc/$gateway/task" | sort -n); do
    number=$((number + 1))
    printf '%s ' "$(cat "/proc/$gateway/task/$task/comm")"
    awk '/^summary:/ { n = $2 } END { print n + 0 }' "$(printf '%s.1-%02d' "$1" "$number")"
  done
}
one_parse() {  # instructions of one nlohmann parse of the sample event: the difference of two runs
  strip -g -o "$work/render_cost" "$build/tests/mappings/mapping_render_cost"
  local n
  for n in 100 600; do
    valgrind --tool=callgrind --callgrind-out-file="$work/parse$n" "$work/render_cost" parse "$n" >/dev/null 2>&1
    awk '/^(summary|totals):/ { n = $2 } END { print n }' "$work/parse$n"
  done | awk '{ n[NR] = $1 } END { printf "%d", (n[2] - n[1]) / 500 }'
}
measure_ingest() {
  local parse real=$baton events
  parse=$(one_parse)
  strip -g -o "$work/baton" "$baton"  # valgrind 3.19 cannot read what Clang 19 says to debuggers
  baton=$work/baton
  site "$work/ingest" http://127.0.0.1:9
  serve "$work/ingest" valgrind --tool=callgrind --separate-threads=yes --callgrind-out-file="$work/counted"
  baton=$real
  load "$public" --connections 32 --seconds 8 >/dev/null  # caches, lanes, breakers, the first timers
  callgrind_control -z "$gateway" >/dev/null 2>&1
  events=$(load "$public" --connections 32 --seconds 20 | accepted)
  sleep 5  # the planner catches up: what it does for these events is counted
  callgrind_control -d "$gateway" >/dev/null 2>&1
  threads "$work/counted" >"$work/threads"
  kill -9 "$gateway"; wait "$gateway" 2>/dev/null || true
  per() { awk -v names="$1" -v n="$events" -v p="$parse" 'index(names, " " $1 " ") || names == "all" { s += $2 } END { printf "%.2f", s / n / p }' "$work/threads"; }
  local ingest; ingest=$(per " public journal ")
  row "ingest of a signed 3.6 kB event" "$ingest parses of the same bytes ($parse instructions each)" "at most 4" "$(judge "$ingest" '<=' 4)" \
    "public thread $(per " public "), all that the journal's thread does $(per " journal ")"
  row "the same with planner and delivery" "$(per all) parses" "-" "for comparison" "planner and lanes $(per " delivery ")"
}

# --- how fast: side by side with the transport that verifies and parses and stores nothing
measure_rate() {
  local round floor_cpu=0 floor_count=0 cpu=0 count=0 seconds=5 before n
  listen floor "$bench/bench_http_floor" verify
  local floor_port=$port floor=$listener
  site "$work/rate" http://127.0.0.1:9
  serve "$work/rate"
  for round in 1 2 3; do
    before=$(cpu_ms "$floor")
    n=$(load "$floor_port" --connections 256 --seconds $seconds | accepted)
    floor_cpu=$((floor_cpu + $(cpu_ms "$floor") - before)); floor_count=$((floor_count + n))
    before=$(cpu_ms "$gateway")
    n=$(load "$public" --connections 256 --seconds $seconds | accepted)
    sleep 1  # what the planner still has to do belongs to it
    cpu=$((cpu + $(cpu_ms "$gateway") - before)); count=$((count + n))
  done
  local shares; shares=$(by_thread "$gateway")
  stop "$gateway"; end_listener
  local share; share=$(ratio $((count * 100)) "$floor_count" 1)
  row "rate of ingest" "$share % ($((count / 3 / seconds))/s to $((floor_count / 3 / seconds))/s)" \
    "at least 60 % of verify and parse alone" "$(judge_rate "$share" '>=' 60)" \
    "CPU by thread: ${shares}CPU per request: $(ratio $((cpu * 1000)) "$count" 0) us of all threads, to $(ratio $((floor_cpu * 1000)) "$floor_count" 0) us; one fdatasync here takes $(sync_ms) ms"
}
sync_ms() {  # the disk's own answer to a page, which every commit waits for
  dd if=/dev/zero of="$work/sync" bs=4096 count=200 oflag=dsync 2>&1 | awk '/copied/ { for (i = 1; i < NF; i++) if ($(i + 1) == "s,") printf "%.1f", $i * 1000 / 200 }'
}

measure_open_loop() {
  site "$work/open" http://127.0.0.1:9
  serve "$work/open"
  load "$public" --connections 256 --rate 3000 --seconds 60 >"$work/open_loop"
  stop "$gateway"
  local p99 due verdict
  p99=$(awk '/^latency/ { for (i = 1; i < NF; i++) if ($i == "p99") print $(i + 1) }' "$work/open_loop")
  due=$(accepted <"$work/open_loop")
  verdict=$(judge_rate "$p99" '<=' 25)
  (( due >= 179000 )) || verdict="NOT reached: $due of 180,000 accepted in time"
  row "open loop, 3,000/s for 60 s, vendors down" "p99 of the 202: $p99 ms" "at most 25 ms" "$verdict" \
    "$(head -1 "$work/open_loop"); $(tail -1 "$work/open_loop")"
}

# --- relay: three reads and three writes a handoff
seen() { curl -s "http://127.0.0.1:$1/seen" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"; }  # seen PORT writes|first_write_ms
until_seen() { for _ in $(seq 1200); do (( $(seen "$1" "$2") >= $3 )) && return; sleep 0.05; done; echo "the sink waits for $3 $2 and has $(seen "$1" "$2")" >&2; exit 1; }

measure_relay() {
  local handoffs=3000 before after begin took rate cpu floor counts shares
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json
  site "$work/relay" "http://127.0.0.1:$port"
  serve "$work/relay"
  load "$public" --connections 1 --requests 1 >/dev/null  # alone: its requests are what the bare client makes
  until_seen "$port" writes 3
  sleep 1
  curl -s "http://127.0.0.1:$port/record" >"$work/record"
  [[ $(grep -vc oauth "$work/record") -eq 6 ]] || { echo "one handoff made other requests than three reads and three writes:" >&2; cat "$work/record" >&2; exit 1; }
  before=$(cpu_ms "$gateway"); begin=$(date +%s%N)
  load "$public" --connections 8 --requests "$handoffs" --seconds 60 >/dev/null
  until_seen "$port" writes $((3 * handoffs + 3))
  took=$(($(date +%s%N) - begin)); after=$(cpu_ms "$gateway"); shares=$(by_thread "$gateway")
  stop "$gateway"
  read -r rate floor < <("$bench/bench_relay_floor" "http://127.0.0.1:$port" "$work/record" "$handoffs" 32)
  end_listener
  cpu=$(ratio $(((after - before) * 1000)) "$handoffs" 0)
  row "relay, CPU of the gateway per handoff" "$(ratio "$cpu" "$floor") times the bare client's ($cpu us to $floor us)" \
    "at most 4 times" "$(judge "$(ratio "$cpu" "$floor")" '<=' 4)" \
    "CPU by thread: ${shares}gateway $(awk -v n=$handoffs -v t=$took 'BEGIN { printf "%.0f", n * 1e9 / t }')/s, bare client $rate/s"
}

# --- from the event to the card in the chat, three reads and the ticket before it, vendors that answer at once
admin_get() { curl -sf -H "Authorization: Bearer $token" "http://127.0.0.1:$admin$1"; }
measure_card() {
  local times count p99
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json
  site "$work/card" "http://127.0.0.1:$port"
  token=$(cd "$work/card" && "$baton" token create bench --may read 2>/dev/null)
  serve "$work/card"
  load "$public" --connections 16 --rate 100 --seconds "${card_seconds:-20}" >/dev/null
  sleep 3
  # The newest 500, each with the time after its event at which the chat had taken the card.
  times=$(admin_get "/v1/handoffs?limit=500" | grep -o 'hof_[0-9a-f]*' | sort -u | while read -r id; do
    admin_get "/v1/handoffs/$id/timeline" | sed 's/{"after_ms":/\n&/g' | grep '"text":"slack post_alert' | sed 's/{"after_ms":\([0-9]*\).*/\1/'
  done | sort -n)
  stop "$gateway"; end_listener
  count=$(wc -l <<<"$times"); p99=$(sed -n "$(((count * 99 + 99) / 100))p" <<<"$times")
  row "from a handoff to its card at 100/s, vendors at once" "p99 $p99 ms" "at most 50 ms" "$(judge_rate "${p99:-9999}" '<=' 50)" \
    "$count handoffs, p50 $(sed -n "$(((count + 1) / 2))p" <<<"$times") ms; before the card come the context and the ticket"
}

# --- a vendor that lets 1,000 requests wait, and the lanes beside it
slow_site() {  # slow_site FOLDER SLOW-URL FAST-URL: four accounts at the slow vendor, each with 250 requests at once
  site "$1" "$3"
  local n
  {
    sed -n '1,/^sources:/p' "$1/baton.yaml"
    printf '  bench: {secret: {secret: chat}, event_source: /chat/shop-assistant}\n'
    printf '  other: {secret: {secret: chat-other}, event_source: /chat/other}\n'
    printf 'destinations:\n'
    for n in 1 2 3 4; do
      printf '  slow%s:\n    connector: zendesk\n    base_url: %s/zendesk\n    client_id: baton\n    client_secret: {secret: vendor}\n' "$n" "$2"
      printf '    limits: {per_second: 10000, burst: 100000, at_once: 250}\n'
    done
    sed -n '/^  slack:/,/^  platform:/p' "$1/baton.yaml" | sed '$d'
    printf 'routes:\n'
    for n in 1 2 3 4; do printf '  - {name: slow%s, when: {intent.category: slow%s}, to: {tickets: slow%s}}\n' "$n" "$n" "$n"; done
    printf '  - {name: all, to: {alerts: [slack]}}\n'
  } >"$1/slow.yaml"
  mv "$1/slow.yaml" "$1/baton.yaml"
  (cd "$1" && printf %s "$other_key" | "$baton" secret set chat-other >/dev/null)
  for n in 1 2 3 4; do sed "s/\"category\":\"[^\"]*\"/\"category\":\"slow$n\"/" "$work/event.json" >"$work/event_slow$n.json"; done
  sed 's|"source":"/chat/shop-assistant"|"source":"/chat/other"|' "$work/event.json" >"$work/event_other.json"
}
post() {  # post EVENT KEY ARGUMENTS: a load of this event
  "$bench/bench_http_load" --url "http://127.0.0.1:$public/v1/events" --body "$work/$1.json" --webhook-secret "$2" \
    --headers "$work/headers" "${@:3}" >/dev/null
}
# The cards of all handoffs since the one named: "COUNT P50 P99 MOST" in ms after their events.
card_times() {
  local before='' page
  : >"$work/timelines"
  while :; do
    admin_get "/v1/handoffs?limit=500${before:+&before=$before}" | grep -o '"id":"hof_[0-9a-f]*' | cut -c7- >"$work/page"
    sed "s|.*|url = \"http://127.0.0.1:$admin/v1/handoffs/&/timeline\"|" "$work/page" >"$work/urls"
    curl -sf -H "Authorization: Bearer $token" -K "$work/urls" >>"$work/timelines"
    page=$(wc -l <"$work/page"); before=$(tail -1 "$work/page")
    (( page < 500 )) && break
  done
  sed 's/{"after_ms":/\n&/g' "$work/timelines" | grep '"text":"slack post_alert' | sed 's/{"after_ms":\([0-9]*\).*/\1/' | sort -n |
    awk '{ t[NR] = $1 } END { print NR, t[int((NR + 1) / 2)], t[int((NR * 99 + 99) / 100)], t[NR] }'
}
# slow_phase WAIT-MS CARDS KEY burst|spread: a gateway of its own, a thousand handoffs for the slow accounts and
# cards beside them; leaves the card times in $cards, and $on_wire and $mib: what waited at the vendor, and held then.
slow_phase() {
  local n pids=() folder="$work/slow$((++slow_phases))" before
  slow_site "$folder" "http://127.0.0.1:$slow_port" "http://127.0.0.1:$port"
  token=$(cd "$folder" && "$baton" token create bench --may read 2>/dev/null)
  serve "$folder"
  curl -sf -d 0 "http://127.0.0.1:$slow_port/wait_ms"
  # What any load leaves behind (caches, the allocator's) is not the waiting's: the same thousand, answered at once.
  for n in 1 2 3 4; do post "event_slow$n" "$key" --connections 4 --requests 250; done
  until_seen "$slow_port" writes $((slow_writes += 1000))
  sleep 1
  before=$(memory_mib "$gateway" VmRSS)
  curl -sf -d "$1" "http://127.0.0.1:$slow_port/wait_ms"
  post "$2" "$3" --connections 8 --rate 50 --seconds 9 & pids+=($!)
  for n in 1 2 3 4; do
    if [[ $4 == spread ]]; then post "event_slow$n" "$key" --connections 2 --rate 28 --seconds 9 & pids+=($!)
    else post "event_slow$n" "$key" --connections 16 --requests 250 & pids+=($!); fi
  done
  on_wire=0 mib=0
  for _ in $(seq 95); do  # until those that came first end
    n=$(seen "$slow_port" waiting)
    (( n >= on_wire )) && on_wire=$n && mib=$(memory_mib "$gateway" VmRSS)
    sleep 0.1
  done
  wait "${pids[@]}"
  mib=$(awk -v a="$mib" -v b="$before" 'BEGIN { printf "%.1f", (a > b ? a - b : 0) }')
  slow_writes=$(seen "$slow_port" writes)
  cards=$(card_times)
  stop "$gateway"
  until_waiting_is_over
}
until_waiting_is_over() { while (( $(seen "$slow_port" waiting) > 0 )); do sleep 0.1; done; }
measure_slow() {
  local slow_port slow_sink slow_hold quick quick_mib other same on_wire mib cards slow_phases=0 slow_writes=0 delay verdict
  other_key=whsec_b3RoZXItc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=
  sed 's|"path": "/zendesk/api/v2/tickets", "status": 201,|& "wait_ms": 0,|' tests/bench/sink_replies.json >"$work/slow_replies.json"
  listen slow "$bench/bench_sink" "$work/slow_replies.json"
  slow_port=$port slow_sink=$listener slow_hold=$hold
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json

  slow_phase 0 event "$key" spread; quick=$cards quick_mib=$mib
  slow_phase 9500 event "$key" spread
  delay=$(($(cut -d' ' -f3 <<<"$cards") - $(cut -d' ' -f3 <<<"$quick")))
  mib=$(awk -v a="$mib" -v b="$quick_mib" 'BEGIN { printf "%.1f", a - b }')
  verdict=$(judge "$mib" '<=' 64)
  [[ $verdict == reached ]] && verdict=$(judge_rate "$delay" '<=' 50)
  (( on_wire >= 950 )) || verdict="NOT reached: only $on_wire requests waited at the vendor"
  row "1,000 requests that wait at a slow vendor, come within 9 s" "$mib MiB; p99 of a card beside them $delay ms later" "at most 64 MiB and 50 ms" \
    "$verdict" "$on_wire at the vendor at once; cards, p50 p99 most: ${quick#* } ms with the vendor quick, ${cards#* } ms slow (${cards%% *})"

  slow_phase 0 event_other "$other_key" burst; quick=$cards quick_mib=$mib
  slow_phase 9500 event_other "$other_key" burst; other=$cards
  delay=$(($(cut -d' ' -f3 <<<"$other") - $(cut -d' ' -f3 <<<"$quick")))
  mib=$(awk -v a="$mib" -v b="$quick_mib" 'BEGIN { printf "%.1f", a - b }')
  row "the thousand at one instant, cards of another source" "$mib MiB; p99 $delay ms later" "50 ms" "$(judge_rate "$delay" '<=' 50)" \
    "$on_wire at the vendor at once; ${quick#* } ms with the vendor quick, ${other#* } ms slow (${other%% *})"
  slow_phase 9500 event "$key" burst; same=$cards
  row "the same, cards of the same source: the worst case" "p99 $(cut -d' ' -f3 <<<"$same") ms" "-" "for comparison" \
    "p50 p99 most ${same#* } ms (${same%% *}): one source's events are planned in their order"
  end_listener
  eval "exec $slow_hold>&-"; kill -9 "$slow_sink" 2>/dev/null || true
}

measure_decision() {
  local told p99
  told=$("$bench/bench_decision_cost" 5000)
  p99=$(sed -n 's/^long: .*p99 \([0-9.]*\).*/\1/p' <<<"$told")
  row "a decision over 200 messages" "p99 of CPU $p99 us" "at most 1000 us" "$(judge_rate "$p99" '<=' 1000)" "$(tr '\n' ' ' <<<"$told")"
}

# --- figures over a year of handoffs
measure_report() {
  local handoffs=${report_handoffs:-1000000} begin took peak
  site "$work/report" http://127.0.0.1:9
  "$bench/bench_seed" "$work/report/data" "$handoffs" ended
  serve "$work/report"
  begin=$(date +%s%3N)
  (cd "$work/report" && BATON_TOKEN=$("$baton" token create bench --may read 2>/dev/null) "$baton" report --by team >"$work/figures")
  took=$(($(date +%s%3N) - begin)); peak=$(memory_mib "$gateway" VmHWM)
  stop "$gateway"
  row "baton report over $handoffs handoffs" "$took ms, $peak MiB at its peak" "within 10 s and 256 MiB" \
    "$(awk -v t="$took" -v m="$peak" 'BEGIN { print t <= 10000 && m <= 256 ? "reached" : "NOT reached" }')" \
    "journal $(du -m "$work/report/data/journal.db" | cut -f1) MiB; $(tail -1 "$work/figures" | head -c 60)"
}

# --- one brief, beside one parse of the same event
instructions() {  # instructions WHAT: of one turn, as the difference of two runs
  local n
  for n in 50 250; do
    valgrind --tool=callgrind --callgrind-out-file="$work/cost$n" "$work/brief_cost" "$1" "$n" >/dev/null 2>&1
    awk '/^(summary|totals):/ { n = $2 } END { print n }' "$work/cost$n"
  done | awk '{ n[NR] = $1 } END { printf "%d", (n[2] - n[1]) / 200 }'
}
measure_brief() {
  local parse brief long p99
  strip -g -o "$work/brief_cost" "$bench/bench_brief_cost"
  parse=$(instructions parse); brief=$(instructions brief)
  long=$("$bench/bench_brief_cost" brief-long 1000)
  p99=$(sed -n 's/.* \([0-9.]*\) us at p99.*/\1/p' <<<"$long")
  row "a brief from event and context" "$(ratio "$brief" "$parse") parses of the same event ($parse instructions each)" "at most 4" \
    "$(judge "$(ratio "$brief" "$parse")" '<=' 4)" "most of it: what was said is read for secrets, numbers and topics"
  row "a brief of 500 messages" "p99 of CPU $p99 us" "at most 2000 us" "$(judge_rate "$p99" '<=' 2000)" "$long"
}

# --- memory
measure_idle() {
  site "$work/idle" http://127.0.0.1:9
  serve "$work/idle"
  sleep 3
  local mib; mib=$(memory_mib "$gateway" VmRSS)
  stop "$gateway"
  row "idle" "$mib MiB resident" "at most 40 MiB" "$(judge "$mib" '<=' 40)" "three seconds after the start"
}
measure_pending() {
  local deliveries=1000000 begin first ready peak before rate
  site "$work/pending" http://127.0.0.1:9
  "$bench/bench_seed" "$work/pending/data" $deliveries
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json
  sed -i "s|http://127.0.0.1:9/|http://127.0.0.1:$port/|" "$work/pending/baton.yaml"
  begin=$(date +%s%3N)
  serve "$work/pending"
  ready=$(($(date +%s%3N) - begin))
  until_seen "$port" writes 1
  first=$(($(seen "$port" first_write_ms) - begin))
  before=$(seen "$port" writes); sleep 10; rate=$((($(seen "$port" writes) - before) / 10))
  peak=$(memory_mib "$gateway" VmHWM)
  stop "$gateway"; end_listener
  row "memory with 1,000,000 pending deliveries" "$peak MiB at its peak" "at most 256 MiB" "$(judge "$peak" '<=' 256)" \
    "from the start through 10 s of delivering; journal $(du -m "$work/pending/data/journal.db" | cut -f1) MiB"
  row "delivering again after a start with them" "$first ms" "within 5 s" "$(judge "$first" '<=' 5000)" \
    "ready after $ready ms; then $rate deliveries/s"
}

# CPU of one delivery by each connector, without the vendor's; the dearest against the cheapest of its kind.
measure_connectors() {
  "$bench/bench_connector_cost" 21 | tee "$work/connectors" >&2
  local worst each
  worst=$(sed 's/.*ratio //' "$work/connectors" | sort -n | tail -1)
  each=$(sed 's/.*each \([0-9.]*\).*/\1/' "$work/connectors" | sort -n | tail -1)
  row "dearest connector against the cheapest of its kind" "$worst times" "at most 3" "$(judge "$worst" '<=' 3)" \
    "$(grep "ratio $worst$" "$work/connectors" | awk '{ print $1, $2, $3; exit }'); a request of each: $each times; $(awk '{ map += $5; ask += $8; read += $11 } END { all = map + ask + read; printf "of all operations mapping %d %%, request %d %%, reply %d %%", 100 * map / all, 100 * ask / all, 100 * read / all }' "$work/connectors")"
}

measure_ten() {
  "$bench/bench_connector_cost" ten 101 | tee "$work/ten" >&2
  row "one handoff to ten destinations" "$(awk '$2 == "all" { print $5 / 1000 }' "$work/ten") ms of CPU" "every one done" \
    "$(grep -q "NOT DONE" "$work/ten" && echo "NOT reached" || echo reached)" \
    "$(awk '$2 == "all" { sub(/.*us +/, ""); gsub(/ +/, " "); print }' "$work/ten"); dearest: $(grep -v "^ten all" "$work/ten" | sort -k4 -n | tail -1 | awk '{ print $2, $3, $4, $5 }')"
}

. tests/bench/safeguards.sh
. tests/bench/flat.sh

make_event
for one in "${@:-ingest rate open_loop relay card slow decision brief report idle pending connectors ten}"; do
  for name in $one; do busy=$(others); "measure_$name"; done
done
printf '\n'
printf '%s\n' "what|reached|target|verdict" "${rows[@]}" | cut -d'|' -f1-4 | column -t -s '|'
printf '\nwhere it goes:\n'
printf '%s\n' "${rows[@]}" | awk -F'|' '{ printf "  %s: %s\n", $1, $5 }'
