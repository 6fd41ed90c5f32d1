#include "gateway/health/checkup.h"

#include <algorithm>
#include <array>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::health {
namespace {

constexpr auto kDay = Duration{std::chrono::days(1)};

std::string size_in_words(std::uint64_t bytes) {
  constexpr std::uint64_t kMega = 1 << 20, kGiga = 1 << 30;
  if (bytes >= 10 * kGiga) return std::to_string(bytes / kGiga) + " GiB";
  return std::to_string(bytes / kMega) + " MiB";
}

std::string seconds(Duration time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

bool matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return equals_ignoring_case(pattern, host);
  const auto dot = host.find('.');
  return dot != std::string_view::npos && equals_ignoring_case(pattern.substr(1), host.substr(dot));
}

struct FileSystem {
  std::uint64_t type;
  std::string_view name;
  Level level;
};
// The numbers of statfs(2).
constexpr auto kFileSystems = std::to_array<FileSystem>({
    {0x6969, "NFS", Level::problem},
    {0x517B, "SMB", Level::problem},
    {0xFF534D42, "CIFS", Level::problem},
    {0xFE534D42, "SMB2", Level::problem},
    {0x01021997, "9p", Level::problem},
    {0x65735546, "FUSE", Level::warning},
    {0x01021994, "tmpfs", Level::warning},
    {0x794C7630, "overlayfs", Level::warning},
    {0xEF53, "ext4", Level::ok},
    {0x58465342, "XFS", Level::ok},
    {0x9123683E, "Btrfs", Level::ok},
    {0x2FC12FC1, "ZFS", Level::ok},
    {0xF2F52010, "F2FS", Level::ok},
});

}  // namespace

std::string_view name(Level level) {
  switch (level) {
    case Level::ok: return "ok";
    case Level::warning: return "warning";
    case Level::problem: return "problem";
  }
  return "";
}

Finding judge_space(std::uint64_t free, std::uint64_t whole, std::uint64_t min_free, int min_percent) {
  const auto floor = std::max(min_free, whole / 100 * static_cast<std::uint64_t>(min_percent));
  const auto text = size_in_words(free) + " of " + size_in_words(whole) + " are free";
  if (free < floor) {
    return Finding("disk space", Level::problem,
                   text + ": below " + size_in_words(floor) + " no new handoff is taken",
                   "make space or enlarge the disk; deliveries go on until it is full");
  }
  if (free < 3 * floor) {
    return Finding("disk space", Level::warning, text,
                   "make space before it falls to " + size_in_words(floor));
  }
  return Finding("disk space", Level::ok, text);
}

Finding judge_file_system(std::uint64_t type, const std::string& directory) {
  const auto* const known = std::ranges::find(kFileSystems, type, &FileSystem::type);
  if (known == kFileSystems.end()) {
    return Finding("file system", Level::ok,
                   directory + " is on a file system that is not known to be remote");
  }
  const auto text = directory + " is on " + std::string(known->name);
  if (known->level == Level::ok) return Finding("file system", Level::ok, text);
  if (known->level == Level::problem) {
    return Finding("file system", Level::problem,
                   text + ", over a network: locks and syncs are not sure there",
                   "give `data_dir` a local disk");
  }
  if (known->name == "tmpfs") {
    return Finding("file system", Level::warning, text + ": it is gone after a restart of the machine",
                   "give `data_dir` a disk");
  }
  return Finding("file system", Level::warning, text + ": it may vanish with its container or be remote",
                 "give `data_dir` a volume on a local disk");
}

Finding judge_sync(std::optional<Duration> took, const std::string& why) {
  constexpr auto kSlow = Duration{100ms};
  if (!took) {
    return Finding("disk writes", Level::problem, "a test file cannot be written and synced: " + why,
                   "check the disk, and that `data_dir` belongs to the user that runs Baton");
  }
  if (*took > kSlow) {
    return Finding("disk writes", Level::warning,
                   "a sync takes " + seconds(*took) + "; each 202 waits for one",
                   "use a faster disk, or one that fewer others use");
  }
  return Finding("disk writes", Level::ok, "a sync takes " + std::to_string(took->count()) + " ms");
}

Finding judge_clock(std::vector<ClockOffset> offsets) {
  constexpr auto kOdd = Duration{5s}, kWrong = Duration{60s};
  if (offsets.empty()) return Finding("clock", Level::ok, "not compared: no server was asked");
  // The one in the middle: one server with a wrong clock does not make ours wrong.
  const auto middle = offsets.begin() + std::ssize(offsets) / 2;
  std::ranges::nth_element(offsets, middle, {}, &ClockOffset::ahead);
  const auto away = std::chrono::abs(middle->ahead);
  const auto text = "ours is " + seconds(away) + (middle->ahead > Duration{0} ? " behind " : " ahead of ") +
                    middle->host + ", of " + std::to_string(offsets.size()) + " servers that were asked";
  if (away < kOdd) return Finding("clock", Level::ok, text);
  return Finding("clock", away < kWrong ? Level::warning : Level::problem,
                 text + ": signatures are refused when clocks differ by minutes",
                 "let the machine keep time: `timedatectl set-ntp true`");
}

Finding judge_open_files(std::uint64_t limit) {
  constexpr std::uint64_t kFew = 4096, kTooFew = 1024;
  const auto text = "at most " + std::to_string(limit) + " files and connections";
  if (limit >= kFew) return Finding("open files", Level::ok, text);
  return Finding("open files", limit < kTooFew ? Level::problem : Level::warning, text,
                 "raise the hard limit: `LimitNOFILE=65536` in the systemd unit, or `ulimit -Hn`");
}

std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  auto rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
  return std::string(rest.substr(0, rest.find(':')));
}

Finding judge_public_url(std::string_view url) {
  constexpr auto kCheck = "public_url";
  const auto host = host_of(url);
  if (url.empty()) {
    return Finding(kCheck, Level::warning, "is not set: vendors cannot be told where their webhooks go",
                   "set it to the address that the world calls, such as https://baton.example.com");
  }
  if (host.empty() || (!url.starts_with("https://") && !url.starts_with("http://"))) {
    return Finding(kCheck, Level::problem, "`" + std::string(url) + "` is no address",
                   "write it as https://baton.example.com");
  }
  if (host == "localhost" || host.starts_with("127.") || host.starts_with("10.") ||
      host.starts_with("192.168.") || host.ends_with(".local") || host.ends_with(".internal") ||
      host.find('.') == std::string::npos) {
    return Finding(kCheck, Level::warning, std::string(url) + " is reached from inside only",
                   "vendors on the internet need a public name");
  }
  if (url.starts_with("http://")) {
    return Finding(kCheck, Level::warning,
                   std::string(url) + " is not encrypted; vendors refuse such webhooks",
                   "use https, here or in a proxy before Baton");
  }
  return Finding(kCheck, Level::ok, std::string(url));
}

Finding judge_certificate(const Certificate& certificate, std::string_view host, TimePoint now) {
  constexpr auto kCheck = "certificate";
  const auto until = to_rfc3339(certificate.not_after).substr(0, 10);
  const auto left = certificate.not_after - now;
  const auto text = certificate.subject + ", until " + until;
  if (left <= Duration{0}) {
    return Finding(kCheck, Level::problem, text + ": it has expired", "renew it, then `baton config reload`");
  }
  if (certificate.not_before > now) {
    return Finding(kCheck, Level::problem, text + ": it is not valid yet", "check the machine's clock");
  }
  const auto fits = [&](const std::string& pattern) { return matches(pattern, host); };
  if (!host.empty() && std::ranges::none_of(certificate.names, fits)) {
    return Finding(kCheck, Level::problem,
                   text + ": it is for " + join(certificate.names, ", ") + ", not for " + std::string(host),
                   "get one for the host of `public_url`");
  }
  if (left < 14 * kDay) {
    return Finding(kCheck, left < 3 * kDay ? Level::problem : Level::warning,
                   text + ": " + std::to_string(left / kDay) + " days are left",
                   "renew it, then `baton config reload`");
  }
  if (certificate.self_signed) {
    return Finding(kCheck, Level::warning, text + ": it is signed by itself, so vendors will not trust it",
                   "get one from an authority");
  }
  if (!certificate.whole_chain) {
    return Finding(kCheck, Level::warning, text + ": the chain is not in order, or a part is missing",
                   "put the leaf first, then each issuer, in `listen.tls.certificate`");
  }
  return Finding(kCheck, Level::ok, text);
}

}  // namespace baton::health
