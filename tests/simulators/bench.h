// Purpose: a simulated vendor on a table: sends it requests at a time that the test moves.
// Owner: a test. Threads: one. Errors: none; answers are compared.
#pragma once

#include <fstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "connectors/simulation/wire.h"

namespace baton::simulation {

using nlohmann::json;

inline constexpr TimePoint kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + 12h;

inline json read_data(const std::string& file) {
  std::ifstream in(std::string(BATON_SOURCE_DIR "/tests/simulators/data/") + file);
  return json::parse(in);
}

class Bench {
 public:
  explicit Bench(std::string_view vendor, Setup setup = {}) : vendor_(make_vendor(vendor, setup)) {}

  // What every request carries; a test may change it.
  Headers headers = {{"accept", "application/json"}, {"content-type", "application/json; charset=utf-8"}};
  TimePoint now = kNoon;

  Reply send(std::string method, std::string target, std::string body = {}, Headers more = {}) {
    auto all = headers;
    for (auto& [name, value] : more) all[name] = value;
    RawRequest raw(std::move(method), std::move(target), std::move(body), std::move(all));
    raw.received_at = now;
    return vendor_->handle(raw);
  }
  Reply get(std::string target) { return send("GET", std::move(target)); }
  Reply post(std::string target, const json& body, Headers more = {}) {
    return send("POST", std::move(target), dump(body), std::move(more));
  }
  Reply put(std::string target, const json& body) { return send("PUT", std::move(target), dump(body)); }
  Reply patch(std::string target, const json& body) { return send("PATCH", std::move(target), dump(body)); }

  std::vector<Outbound> act(std::string what, json with) {
    auto sent = vendor_->act(Deed(std::move(what), std::move(with)), now);
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
    return sent ? *std::move(sent) : std::vector<Outbound>();
  }

  Vendor& vendor() { return *vendor_; }
  json ledger() const { return vendor_->ledger(); }
  int effect(const std::string& name) const { return ledger()["effects"].value(name, 0); }

 private:
  VendorPtr vendor_;
};

inline json body_of(const Reply& reply) { return json::parse(reply.body, nullptr, false); }

}  // namespace baton::simulation
