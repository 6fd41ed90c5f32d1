// Purpose: a folder with a configuration, a sealed store and a token, as an operator's would be; the
// process works inside of it while the site exists, so that messages name files as they stand there.
// Owner: the test. Threads: one, as the working directory is the process's. Errors: end the test.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gateway/app/installation.h"
#include "gateway/base/check.h"
#include "secrets/root_key.h"
#include "tests/secrets/folder.h"

namespace baton::app {

inline constexpr auto kChatKey = "whsec_Y2hhdC1jaGF0LWNoYXQtY2hhdC1jaGF0LWNoYXQhISE=";
inline constexpr auto kSiteTime = TimePoint{} + std::chrono::years(56);

class Site {
 public:
  using Secrets = std::vector<std::pair<std::string, std::string>>;

  explicit Site(const Secrets& secrets = {{"chat-signing", kChatKey},
                                          {"hubspot-token", "pat-na1-of-the-test"},
                                          {"slack-token", "xoxb-of-the-test"},
                                          {"zendesk-client", "of-the-test"}}) {
    std::filesystem::current_path(folder_.path());
    std::filesystem::create_directory("data");
    BATON_CHECK(secrets::make_root_key("data/root.key"));
    Options options;
    options.data_dir = "data";
    options.root_key_path = "data/root.key";
    auto store = open_store(options);
    BATON_CHECK(store);
    for (const auto& [name, value] : secrets) BATON_CHECK((*store)->put(name, Secret(value), kSiteTime));
  }
  ~Site() { std::filesystem::current_path(before_); }

  const std::string& path() const { return folder_.path(); }
  static void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories(std::filesystem::absolute(name).parent_path());
    secrets::write_whole(name, text);
  }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  secrets::Folder folder_;
};

}  // namespace baton::app
