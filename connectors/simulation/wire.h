// Purpose: what every simulated vendor needs to read requests and to write answers: routes, forms,
// times, signatures, counts. Nothing here knows a vendor.
// Owner: the vendors. Threads: any. Errors: nullopt, or what the vendor chooses to answer.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/simulation.h"
#include "gateway/base/json_view.h"

namespace baton::simulation {

// One API request on its way through a vendor.
struct Call {
  Call(const RawRequest& raw_in, std::string path_in) : raw(raw_in), path(std::move(path_in)) {}

  TimePoint now() const { return raw.received_at; }
  std::string query(std::string_view name) const { return query_value(raw.target, name).value_or(""); }

  const RawRequest& raw;
  std::string path;
  std::vector<std::string> args;  // of the pattern's {} parts, percent-decoded once
  nlohmann::json body;            // where the vendor's dispatcher has parsed it
};

// The {} parts of the pattern, each one segment; nullopt if the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

template <class V>
struct Route {
  std::string_view method;
  std::string_view pattern;
  Reply (V::*handler)(const Call&);
};

std::string dump(const nlohmann::json& value);  // never throws, whatever bytes a peer sent
Reply json_reply(int status, const nlohmann::json& body, Headers headers = {});
bool is_json(const Headers& headers);                                   // the content type
std::map<std::string, std::string> form_fields(std::string_view text);  // of a body or a query

// "2026-11-20T09:58:07Z", with milliseconds "2026-11-20T09:58:07.123Z"; and back, dates alone too.
std::string iso_seconds(TimePoint at);
std::string iso_millis(TimePoint at);
std::optional<TimePoint> read_iso(std::string_view text);
long long epoch_seconds(TimePoint at);

// Raw bytes; parts one after the other.
std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

// A random UUID (version 4); simulated vendors are seeded, so that runs repeat.
std::string make_uuid(Random& random);

// The counts that every ledger carries.
class Tally {
 public:
  void request() { ++requests_; }
  void effect(std::string_view what) { ++effects_[std::string(what)]; }
  void refuse(std::string_view why) { ++refused_[std::string(why)]; }
  // {"effects": {...}, "duplicates": n, "requests": n, "refused": {...}}
  nlohmann::json json(int duplicates) const;

 private:
  std::map<std::string, int> effects_;
  std::map<std::string, int> refused_;
  int requests_ = 0;
};

// How many of the keys stand there more often than once: three equal ones are two duplicates.
int count_duplicates(const std::vector<std::string>& keys);

}  // namespace baton::simulation
