# What each safeguard costs: throughput with all of them on against each one off, in turn, in one run. run.sh sources
# this. What is off is no setting of the product's: it is a deliberate fault (gateway/base/mutant.h) of a release build that
# bears them, which is made for this alone. Only TLS and a source's own limit are settings.

# NAME SWITCH WHAT IT IS; a SWITCH is a fault, or `-tls`, `-limit`.
safeguards_of_ingest=(
  "-tls|TLS"
  "signature_unchecked|the signature"
  "schema_unchecked|the schema of events"
  "repetition_unnoticed|the index of event ids, which knows repetitions"
  "-limit|the source's own limit"
  "memory_budget_ignored|the budget of memory"
  "checksum_constant|checksums of what is stored"
  "erased_bytes_left|overwriting what was erased"
  "synchronous_normal|syncing each commit (NORMAL)"
  "synchronous_off|syncing at all (OFF)"
)
safeguards_of_relay=(
  "intent_not_journalled|the intent before each write"
  "checksum_constant|checksums of what is stored"
  "erased_bytes_left|overwriting what was erased"
  "synchronous_normal|syncing each commit (NORMAL)"
  "synchronous_off|syncing at all (OFF)"
)

safeguards_build() {
  safeguards=${BATON_SAFEGUARDS_BUILD:-build/safeguards}
  [[ -z ${BATON_SAFEGUARDS_BUILD:-} ]] || return 0
  cmake --preset release -B "$safeguards" -DBATON_MUTANTS=ON -DBATON_TESTS=OFF >/dev/null
  cmake --build "$safeguards" --target baton >build/safeguards.build.log 2>&1 || { grep -E "error:" build/safeguards.build.log; exit 1; }
}

# guarded FOLDER VENDORS SWITCH: a fresh gateway with everything on but SWITCH; its address in $address.
guarded() {
  local folder="$1" vendors="$2" switch="$3" fault=""
  rm -rf "$folder"
  site "$folder" "$vendors"
  [[ $switch == -limit ]] || sed -i 's|^  bench: {|&max_per_second: 100000, |' "$folder/baton.yaml"
  address=http://127.0.0.1:$public
  if [[ $switch != -tls ]]; then
    sed -i "s|^listen: {|&tls: {certificate: $work/tls.pem, key: $work/tls.key}, |" "$folder/baton.yaml"
    address=https://127.0.0.1:$public
  fi
  [[ $switch == -* || $switch == on ]] || fault=$switch
  local real=$baton
  baton=$home/$safeguards/baton
  BATON_MUTANT=$fault serve "$folder"
  baton=$real
}
load_guarded() { "$bench/bench_http_load" --url "$address/v1/events" --body "$work/event.json" --webhook-secret "$key" \
  --headers "$work/headers" "$@"; }
end_guarded() { kill -9 "$gateway"; wait "$gateway" 2>/dev/null || true; rm -rf "$1"; }

ingest_without() {  # ingest_without SWITCH: events/s, and CPU of the gateway in us each
  local before n=${safeguards_events:-8000}
  guarded "$work/guarded" http://127.0.0.1:9 "$1"
  load_guarded --connections 64 --requests 500 --seconds 60 >/dev/null
  before=$(cpu_ms "$gateway")
  load_guarded --connections 64 --requests "$n" --seconds 60 >"$work/guarded.load"
  [[ $(accepted <"$work/guarded.load") -eq $n ]] || { echo "not all were taken:" >&2; cat "$work/guarded.load" >&2; exit 1; }
  sleep 1  # what the planner still has to do belongs to it
  echo "$(sed -n 's|.* \([0-9]*\)/s;.*|\1|p' "$work/guarded.load") $(ratio $((($(cpu_ms "$gateway") - before) * 1000)) "$n" 1)"
  end_guarded "$work/guarded"
}
relay_without() {  # relay_without SWITCH: handoffs/s through three reads and three writes, and CPU in us each
  local before cpu begin n=${safeguards_handoffs:-800}
  guarded "$work/guarded" "http://127.0.0.1:$sink_port" "$1"
  before=$(seen "$sink_port" writes); cpu=$(cpu_ms "$gateway"); begin=$(date +%s%N)
  load_guarded --connections 8 --requests "$n" --seconds 60 >/dev/null
  until_seen "$sink_port" writes $((before + 3 * n))
  echo "$((n * 1000000000 / ($(date +%s%N) - begin))) $(ratio $((($(cpu_ms "$gateway") - cpu) * 1000)) "$n" 0)"
  end_guarded "$work/guarded"
}

# compare HOW SWITCH|NAME...: each beside the two measurements with everything on that stand around it, in several rounds;
# one row each, the median of the rounds.
compare() {
  local how=$1 round one; shift
  : >"$work/compared"
  for round in $(seq "${safeguards_rounds:-3}"); do
    echo "on $("$how"_without on)" >>"$work/compared"
    for one in "$@"; do
      echo "${one%%|*} $("$how"_without "${one%%|*}")" >>"$work/compared"
      echo "on $("$how"_without on)" >>"$work/compared"
    done
  done
  for one in "$@"; do
    row "$how without ${one#*|}" "$(awk -v name="${one%%|*}" '
      function middle(list, n,   i, j, t) {
        for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
        return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
      { what[NR] = $1; rate[NR] = $2; cpu[NR] = $3 }
      END { for (i = 2; i < NR; i++) if (what[i] == name) {
              n++; r[n] = 2 * rate[i] / (rate[i - 1] + rate[i + 1]); c[n] = 2 * cpu[i] / (cpu[i - 1] + cpu[i + 1]) }
            low = high = r[1]; for (i = 2; i <= n; i++) { if (r[i] < low) low = r[i]; if (r[i] > high) high = r[i] }
            printf "%.2f times the rate (%.2f to %.2f), %.2f times the CPU", middle(r, n), low, high, middle(c, n) }' "$work/compared")" \
      "-" "for comparison" "${one%%|*}"
  done
  row "$how with everything on" "$(awk '$1 == "on" { n++; r += $2; c += $3 } END { printf "%d/s, %d us of CPU each", r / n, c / n }' "$work/compared")" \
    "-" "for comparison" "mean of $(grep -c '^on ' "$work/compared") measurements, others took $busy % of the machine"
}

measure_safeguards() {
  local sink_port safeguards address
  safeguards_build
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 -days 30 \
    -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
  compare ingest "${safeguards_of_ingest[@]}"
  listen sink "$bench/bench_sink" tests/bench/sink_replies.json
  sink_port=$port
  compare relay "${safeguards_of_relay[@]}"
  end_listener
}
