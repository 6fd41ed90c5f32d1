# Whether resident memory stays where it is over a million requests. run.sh sources this.
#
# Of a hundred requests: 12 open a handoff, 12 end one, 26 repeat an event that is known, 10 are forged, 20 ask for
# /livez, 20 ask the management port for the newest handoffs. The one destination answers at once, and memory is read
# when nothing is pending and nothing is open: what is stored grows, on the disk.
flat_site() {
  site "$work/flat" "http://127.0.0.1:$port"
  sed -i 's|^    to: {context.*||; s|^  - name: all|  - {name: all, to: {platform: platform}}|' "$work/flat/baton.yaml"
  token=$(cd "$work/flat" && "$baton" token create bench --may read 2>/dev/null)
  local event='"specversion":"1.0","id":"{{id}}","source":"/chat/shop-assistant"' of='"data":{"conversation":{"id":"c-CHUNK-{{n}}"}'
  printf '{%s,"type":"handoff.requested",%s,"customer":{"name":"Zoë Adler","email":"zoe@example.com"},"intent":{"summary":"Was charged twice."},"transcript":[{"role":"customer","text":"I was charged twice, please help me."}]}}' \
    "$event" "$of" >"$work/flat/requested"
  printf '{%s,"type":"handoff.cancelled",%s,"by":"customer"}}' "$event" "$of" >"$work/flat/cancelled"
  printf 'Authorization: Bearer %s\n' "$token" >"$work/flat/bearer"
}
# of_events BODY CHUNK RUN COUNT; a forged one has a secret of its own.
of_events() {
  [[ -e $work/flat/$1.$2 ]] || sed "s/CHUNK/$2/" "$work/flat/$1" >"$work/flat/$1.$2"  # others may be reading it
  "$bench/bench_http_load" --url "http://127.0.0.1:$public/v1/events" --body "$work/flat/$1.$2" --headers "$work/headers" \
    --webhook-secret "${5:-$key}" --run "$3" --connections 16 --requests "$4" --seconds 3600
}
of_reads() { "$bench/bench_http_load" --url "$1" --method GET --headers "$work/flat/bearer" --connections 4 --requests "$2" --seconds 3600; }
answered() { awk '/answers in/ { n += $1; for (i = 1; i < NF; i++) { if ($i == "2xx") good += $(i + 1); if ($i == "4xx") no += $(i + 1) } }
  END { print n + 0, good + 0, no + 0 }' "$@"; }
pending() { curl -sf -H "Authorization: Bearer $token" "http://127.0.0.1:$admin/metrics" |
  awk '/^baton_deliveries_pending/ { s += $2 } END { print s + 0 }'; }
until_settled() {  # several times in a row: the planner may have more for it
  local still=0
  for _ in $(seq 3000); do
    if [[ $(pending) == 0 ]]; then still=$((still + 1)); else still=0; fi
    (( still < 5 )) || return 0
    sleep 0.3
  done
  echo "still pending: $(pending)" >&2; exit 1
}

measure_flat() {
  local chunk chunks=${flat_chunks:-10} each=${flat_each:-100000} sizes=() all=0 good=0 refused=0 n yes no token begin=$SECONDS
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json
  flat_site
  serve "$work/flat"
  for chunk in $(seq "$chunks"); do
    of_events requested "$chunk" "r$chunk" $((each * 12 / 100)) >"$work/flat/out1" &
    local first=$!
    of_reads "http://127.0.0.1:$public/livez" $((each * 20 / 100)) >"$work/flat/out2" &
    local second=$!
    wait "$first" "$second"
    of_events cancelled "$chunk" "c$chunk" $((each * 12 / 100)) >"$work/flat/out3" & first=$!
    of_events requested "$chunk" "r$chunk" $((each * 12 / 100)) >"$work/flat/out4" & second=$!
    wait "$first" "$second"
    of_events cancelled "$chunk" "c$chunk" $((each * 12 / 100)) >"$work/flat/out5" & first=$!
    of_events requested "$chunk" "r$chunk" $((each * 2 / 100)) >"$work/flat/out6" & second=$!
    of_events requested "$chunk" "f$chunk" $((each * 10 / 100)) whsec_YW5vdGhlci1zZWNyZXQtYW5vdGhlci1zZWNyZXQ= >"$work/flat/out7" &
    wait "$first" "$second" $!
    of_reads "http://127.0.0.1:$admin/v1/handoffs?limit=20" $((each * 20 / 100)) >"$work/flat/out8"
    read -r n yes no < <(answered "$work"/flat/out?)
    all=$((all + n)) good=$((good + yes)) refused=$((refused + no))
    until_settled
    sleep 2
    sizes+=("$(memory_mib "$gateway" VmRSS)")
    printf 'flat: %s requests, %s MiB, %s s\n' "$all" "${sizes[-1]}" $((SECONDS - begin)) >&2
  done
  local peak store
  peak=$(memory_mib "$gateway" VmHWM); store=$(du -sm "$work/flat/data" | cut -f1)
  stop "$gateway"; end_listener
  # The second is the first that has seen everything: caches are full, pools are made. The allocator keeps now more, now
  # less of what is free, so three readings are taken together.
  local grown; grown=$(awk -v all="${sizes[*]}" 'BEGIN { n = split(all, s, " "); from = n > 3 ? 2 : 1; few = n < 7 ? 1 : 3
    for (i = 0; i < few; i++) { a += s[from + i]; b += s[n - i] } printf "%.1f", 100 * (b - a) / a }')
  row "resident memory over $all requests" "$grown % more at the end than after a fifth" "within 2 %" "$(judge "$grown" '<=' 2)" \
    "after each tenth ${sizes[*]} MiB, peak $peak MiB; $good taken, $refused refused (forged); store $store MiB; $((SECONDS - begin)) s"
}
