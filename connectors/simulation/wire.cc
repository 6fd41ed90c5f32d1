#include "connectors/simulation/wire.h"

#include <set>

#include <fmt/format.h>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"

namespace baton::simulation {

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern, '/'), given = split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::vector<std::string> args;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "{}") {
      if (wanted[i] != given[i]) return std::nullopt;
      continue;
    }
    auto decoded = percent_decode(given[i]);
    if (!decoded || decoded->empty()) return std::nullopt;
    args.push_back(*std::move(decoded));
  }
  return args;
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Reply json_reply(int status, const nlohmann::json& body, Headers headers) {
  headers.emplace("content-type", "application/json; charset=utf-8");
  return Reply(status, dump(body), std::move(headers));
}

bool is_json(const Headers& headers) {
  const auto type = header(headers, "content-type");
  return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "application/json");
}

std::map<std::string, std::string> form_fields(std::string_view text) {
  std::map<std::string, std::string> fields;
  for (const auto pair : split(text, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (key && value) fields.emplace(*std::move(key), *std::move(value));
  }
  return fields;
}

std::string iso_seconds(TimePoint at) { return iso_millis(at).substr(0, 19) + "Z"; }

std::string iso_millis(TimePoint at) { return to_rfc3339(at); }

std::optional<TimePoint> read_iso(std::string_view text) {
  return parse_rfc3339(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
}

long long epoch_seconds(TimePoint at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  const auto prepared = secrets::MacKey::make(secrets::Digest::sha256, key);
  if (!prepared) return {};  // an empty key signs nothing, as every vendor has it
  const auto mac = prepared->mac(parts);
  return mac ? *mac : std::string();
}

std::string make_uuid(Random& random) {
  const auto high = random.bits(), low = random.bits();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

nlohmann::json Tally::json(int duplicates) const {
  return {{"effects", effects_}, {"duplicates", duplicates}, {"requests", requests_}, {"refused", refused_}};
}

int count_duplicates(const std::vector<std::string>& keys) {
  return static_cast<int>(keys.size() - std::set<std::string>(keys.begin(), keys.end()).size());
}

}  // namespace baton::simulation
