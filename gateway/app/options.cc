#include "gateway/app/options.h"

#include <charconv>
#include <vector>

namespace baton::app {
namespace {

// "127.0.0.1:8080" or "[::1]:8080"; port 0 takes any free one.
Listener read_listener(Fields& in, std::string_view key, std::string_view otherwise) {
  const auto text = in.text(key, otherwise);
  Listener listener;
  const auto colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::string_view() : std::string_view(text).substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listener.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    in.report(key, "`" + text + "` must be an address and a port, such as 127.0.0.1:8080");
    return listener;
  }
  listener.address = text.substr(0, colon);
  if (listener.address.starts_with('[') && listener.address.ends_with(']')) {
    listener.address = listener.address.substr(1, listener.address.size() - 2);
  }
  if (!parse_address(listener.address)) {
    in.report(key, "`" + text +
                       "` must begin with an IP address of this machine: 127.0.0.1, 0.0.0.0 or [::] for all");
  }
  return listener;
}

void read_listen(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "listen", problems);
  options.public_listener = read_listener(in, "public", "0.0.0.0:8080");
  options.admin_listener = read_listener(in, "admin", "127.0.0.1:8081");
  const auto& [address, port] = options.admin_listener;
  if (port != 0 && port == options.public_listener.port && address == options.public_listener.address) {
    in.report("admin", "must be another address or port than `listen.public`");
  }
  constexpr int kMostConnections = 10'000;
  options.connections_per_peer =
      static_cast<int>(in.integer("connections_per_peer", options.connections_per_peer, 0, kMostConnections));
  Fields tls(in.node("tls"), "listen.tls", problems);
  options.tls_certificate = tls.text("certificate");
  options.tls_key = tls.text("key");
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    problems.add(section["tls"].at(), "listen.tls", "needs both certificate and key, each a PEM file");
  }
  tls.done();
  in.done();
}

void read_network(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "network", problems);
  const auto allow = in.texts("allow");
  const bool allow_http = in.boolean("allow_http", false);
  options.ca_file = in.text("ca_file");
  auto policy = AddressPolicy::parse(allow, allow_http);
  if (policy) options.addresses = std::move(*policy);
  else in.report("allow", policy.error().detail);
  in.done();
}

void read_limits(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "limits", problems);
  auto& patience = options.patience;
  patience.context = in.duration("context", patience.context);
  patience.late_context = in.duration("late_context", patience.late_context);
  patience.ticket = in.duration("ticket", patience.ticket);
  patience.first_reply = in.duration("first_reply", patience.first_reply);
  patience.update = in.duration("update", patience.update);
  patience.path = in.duration("path", patience.path);
  patience.bounces = static_cast<int>(in.integer("bounces", patience.bounces, 2, 100));
  patience.bounce_window = in.duration("bounce_window", patience.bounce_window);
  patience.offer = in.duration("offer", patience.offer);
  if (patience.offer < 10s) in.report("offer", "must be at least 10s: nobody answers sooner");
  in.done();
}

}  // namespace

Options read_options(config::Configuration& configuration) {
  auto& problems = configuration.problems();
  Options options;
  options.public_url = configuration.text("public_url");
  options.data_dir = configuration.text("data_dir", "data");
  options.mappings_dir = configuration.text("mappings");
  read_listen(configuration.section("listen"), options, problems);
  read_network(configuration.section("network"), options, problems);
  read_limits(configuration.section("limits"), options, problems);
  Fields secrets(configuration.section("secrets"), "secrets", problems);
  options.root_key_path = secrets.text("root_key", options.data_dir + "/root.key");
  secrets.done();
  Fields log(configuration.section("log"), "log", problems);
  const std::vector<std::string> levels = {"trace", "debug", "info", "warning", "error"};
  options.log_level = log.one_of("level", "info", levels);
  const std::vector<std::string> formats = {"text", "json"};
  options.log_format = log.one_of("format", "text", formats);
  log.done();
  return options;
}

Options read_options_only(const std::string& path, Problems& problems) {
  config::Configuration configuration(config::load(path));
  auto options = read_options(configuration);
  problems = configuration.problems();
  return options;
}

}  // namespace baton::app
