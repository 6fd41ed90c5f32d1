#include "gateway/app/doctor.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gateway/app/cli.h"
#include "gateway/app/run_alone.h"
#include "gateway/base/text.h"
#include "gateway/delivery/probe.h"
#include "gateway/http/curl/answer.h"
#include "gateway/http/curl/curl_client.h"
#include "gateway/http/transport/certificate.h"
#include "gateway/journal/sqlite/backup.h"
#include "gateway/journal/sqlite/options.h"
#include "secrets/root_key.h"

namespace baton::app {
namespace {

using health::Finding;
using health::Level;
using Findings = std::vector<Finding>;

void check_configuration(const Loaded& loaded, const std::string& config, Findings& to) {
  for (const auto& problem : loaded.problems.list()) {
    to.emplace_back("configuration", Level::problem, problem.text(), "`baton check` shows all of it");
  }
  if (loaded.problems.empty()) {
    to.emplace_back("configuration", Level::ok,
                    config + ": " + std::to_string(loaded.installation.accounts.size()) + " destinations, " +
                        std::to_string(loaded.installation.sources.size()) + " sources");
  }
  to.push_back(health::judge_public_url(loaded.installation.options.public_url));
}

// Writes and syncs a small file, as every commit does.
Finding check_sync(const std::string& directory) {
  const auto path = directory + "/doctor.test";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return health::judge_sync({}, std::strerror(errno));
  const std::string bytes(4096, 'x');
  const auto began = std::chrono::steady_clock::now();
  const bool good = ::write(file, bytes.data(), bytes.size()) == std::ssize(bytes) && ::fsync(file) == 0;
  const auto why = good ? "" : std::strerror(errno);
  const auto took = std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - began);
  ::close(file);
  ::unlink(path.c_str());
  return good ? health::judge_sync(took, "") : health::judge_sync({}, why);
}

Finding check_owner(const std::string& directory, const struct stat& seen) {
  constexpr auto kCheck = "data directory";
  if (seen.st_uid != ::geteuid()) {
    return Finding(kCheck, Level::warning,
                   directory + " belongs to user " + std::to_string(seen.st_uid) + ", this is user " +
                       std::to_string(::geteuid()),
                   "run the doctor as the user that runs Baton");
  }
  if ((seen.st_mode & 0077) != 0) {
    return Finding(kCheck, Level::warning, directory + " may be read by others",
                   "run `chmod 700 " + directory + "`");
  }
  return Finding(kCheck, Level::ok, directory + " is its owner's alone");
}

// Whether there is a data directory at all.
bool check_directory(const Options& options, Findings& to) {
  const auto& directory = options.data_dir;
  struct stat seen{};
  if (::stat(directory.c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode)) {
    to.emplace_back("data directory", Level::problem, directory + " is not there",
                    "`baton secret init` makes it, or change `data_dir`");
    return false;
  }
  to.push_back(check_owner(directory, seen));
  struct statfs system{};
  if (::statfs(directory.c_str(), &system) == 0) {
    to.push_back(health::judge_file_system(static_cast<std::uint32_t>(system.f_type), directory));
  }
  struct statvfs space{};
  if (::statvfs(directory.c_str(), &space) == 0) {
    const SqliteOptions limits;
    to.push_back(health::judge_space(space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize,
                                     limits.min_free_bytes, limits.min_free_percent));
  }
  to.push_back(check_sync(directory));
  return true;
}

void check_secrets(const Options& options, Findings& to) {
  const auto keys = secrets::load_root_keys(options.root_key_path);
  if (!keys) {
    to.emplace_back("root key", Level::problem, keys.error().detail,
                    "put the copy of it in place; where there never was one, `baton secret init` makes it");
    return;
  }
  to.emplace_back("root key", Level::ok, options.root_key_path + " is there, for its owner alone");
  const auto store = open_store(options);
  if (!store) {
    to.emplace_back("secrets", Level::problem, store.error().detail,
                    "the root key must be the one they were sealed with");
    return;
  }
  const bool due = (*store)->root_key_rotation_due();
  to.emplace_back("secrets", due ? Level::warning : Level::ok,
                  std::to_string((*store)->list().size()) + " can be opened",
                  due ? "`baton secret rotate-root`: the root key has sealed very many" : "");
}

std::string counted(const StoreContents& contents) {
  return "schema " + std::to_string(contents.schema) + ", " + std::to_string(contents.handoffs) +
         " handoffs (" + std::to_string(contents.open) + " open), " + std::to_string(contents.report.rows) +
         " rows read";
}

void check_store(const Options& options, Findings& to) {
  const auto file = options.data_dir + "/journal.db";
  std::error_code ignored;
  const bool owned = store_is_owned(options.data_dir);
  to.emplace_back("gateway", Level::ok,
                  owned ? "a gateway runs on this store" : "no gateway runs on this store");
  if (!std::filesystem::exists(file, ignored)) {
    to.emplace_back("store", Level::ok, "there is none yet; the first start makes it");
    return;
  }
  const auto contents = examine_store(file);
  if (!contents) {
    to.emplace_back("store", Level::problem, contents.error().detail,
                    "restore the latest backup: `baton restore`");
    return;
  }
  const auto& report = contents->report;
  if (!report.structure.empty()) {
    to.emplace_back("store", Level::problem,
                    counted(*contents) + "; its structure is damaged: " + report.structure[0],
                    "`baton fsck --repair`, and if that does not help, restore the latest backup");
  } else if (report.wants_repair()) {
    to.emplace_back("store", Level::problem,
                    counted(*contents) + "; " + std::to_string(report.damaged.size()) + " are damaged",
                    "`baton fsck` names them, `baton fsck --repair` sets them aside");
  } else if (!report.damaged.empty()) {
    to.emplace_back(
        "store", Level::warning,
        counted(*contents) + "; " + std::to_string(report.damaged.size()) + " damaged ones are set aside",
        "`baton fsck` says what a person can do about each");
  } else {
    to.emplace_back("store", Level::ok, counted(*contents) + ", all sound");
  }
}

Finding check_limits() {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  return health::judge_open_files(limit.rlim_max);
}

void check_certificate(const Options& options, TimePoint now, Findings& to) {
  if (options.tls_certificate.empty()) {
    to.emplace_back("certificate", Level::ok,
                    "none: the public listener speaks plain http, behind a proxy of yours");
    return;
  }
  const auto pem = read_file(options.tls_certificate);
  const auto facts = pem ? read_certificate(*pem) : Result<CertificateFacts>(pem.error());
  if (!facts) {
    to.emplace_back("certificate", Level::problem, options.tls_certificate + ": " + facts.error().detail,
                    "put a PEM file there, the leaf first");
    return;
  }
  health::Certificate certificate;
  certificate.subject = facts->subject;
  certificate.not_before = facts->not_before;
  certificate.not_after = facts->not_after;
  certificate.names = facts->names;
  certificate.whole_chain = facts->whole_chain;
  certificate.self_signed = facts->self_signed;
  to.push_back(health::judge_certificate(certificate, health::host_of(options.public_url), now));
}

// Lets requests through and notes what servers say of the time.
class ClockReader final : public HttpClient {
 public:
  ClockReader(HttpClient& inner, Clock& clock) : inner_(inner), clock_(clock) {}

  Task<Reply> exchange(Outgoing outgoing) override {
    constexpr auto kRange = Duration{std::chrono::days(180)};
    const auto host = health::host_of(outgoing.request.target);
    auto reply = co_await inner_.exchange(std::move(outgoing));
    if (!reply) co_return reply;
    const auto now = clock_.now();
    const auto date = parse_retry_after(header(reply->headers, "date"), now - kRange);
    if (date) offsets.emplace_back(host, *date - kRange);
    co_return reply;
  }

  std::vector<health::ClockOffset> offsets;

 private:
  HttpClient& inner_;
  Clock& clock_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// "8443" of https://example.com:8443/x.
std::string port_of(std::string_view url) {
  const auto scheme = url.find("://");
  auto rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos) {
    return std::string(rest.substr(colon + 1));
  }
  return url.starts_with("https://") ? "443" : "80";
}

Finding check_name(const std::string& destination, const std::string& url, const AddressPolicy& policy) {
  const auto check = "name of " + destination;
  const auto host = health::host_of(url), port = port_of(url);
  addrinfo* found = nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  if (error != 0) {
    return Finding(check, Level::problem, host + " cannot be resolved: " + ::gai_strerror(error),
                   "check the address in the configuration, and the machine's DNS (/etc/resolv.conf)");
  }
  std::string texts;
  for (const auto* one = list.get(); one; one = one->ai_next) {
    const auto endpoint = endpoint_of(*one->ai_addr);
    if (!endpoint) continue;
    if (const auto judged = policy.judge(*endpoint, url.starts_with("https://")); !judged) {
      return Finding(check, Level::problem, host + ": " + judged.error().detail, "see `network.allow`");
    }
    texts += (texts.empty() ? "" : ", ") + to_text(endpoint->address);
  }
  return Finding(check, Level::ok, host + " is " + texts);
}

void add_probe(const std::string& destination, const Result<sdk::Findings>& found, Findings& to) {
  const auto check = "destination " + destination;
  if (!found) {
    to.emplace_back(check, Level::problem, found.error().detail,
                    "`baton destinations test " + destination + "`");
    return;
  }
  std::size_t fine = 0;
  for (const auto& one : *found) {
    if (one.fine) ++fine;
    else to.emplace_back(check, Level::problem, one.what, one.remedy);
  }
  if (fine == found->size()) {
    to.emplace_back(check, Level::ok,
                    fine == 0 ? "nothing to ask it" : std::to_string(fine) + " questions, all fine");
  }
}

void check_destinations(const Installation& in, Findings& to) {
  Loop loop;
  RealClock clock(loop);
  CurlOptions options;
  options.addresses = in.options.addresses;
  options.ca_file = in.options.ca_file;
  CurlClient client(loop, clock, options);
  ClockReader reader(client, clock);
  for (const auto& [id, account] : in.accounts) {
    const auto host = health::host_of(account->base_url);
    if (!host.empty() && !parse_address(host)) {
      to.push_back(check_name(id.text, account->base_url, in.options.addresses));
    }
    const auto found = run_alone(loop, clock, delivery::probe(*account, reader, clock, delivery::Apply::no));
    add_probe(id.text, found, to);
  }
  to.push_back(health::judge_clock(std::move(reader.offsets)));
}

}  // namespace

Findings examine(const std::string& config, const DoctorOptions& options) {
  Findings findings;
  const auto now = wall_now();
  const auto loaded = load_installation(config, true, now);
  const auto& in = loaded.installation;
  check_configuration(loaded, config, findings);
  findings.push_back(check_limits());
  if (check_directory(in.options, findings)) {
    check_secrets(in.options, findings);
    check_store(in.options, findings);
  }
  check_certificate(in.options, now, findings);
  if (options.online && loaded.problems.empty()) check_destinations(in, findings);
  return findings;
}

}  // namespace baton::app
