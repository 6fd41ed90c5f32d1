#include "gateway/http/curl/library.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <malloc.h>
#include <string.h>

#include <curl/curl.h>

#include "gateway/base/check.h"

namespace baton {
namespace {

void wiping_free(void* memory) {
  if (memory == nullptr) return;
  ::explicit_bzero(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

// Never in place: the C library would free the old bytes unwiped.
void* wiping_realloc(void* memory, std::size_t size) {
  void* const moved = std::malloc(size);
  if (moved == nullptr || memory == nullptr) return moved;
  std::memcpy(moved, memory, std::min(size, ::malloc_usable_size(memory)));
  wiping_free(memory);
  return moved;
}

bool set_up() {
  BATON_CHECK(curl_global_init_mem(CURL_GLOBAL_ALL, std::malloc, wiping_free, wiping_realloc, ::strdup,
                                   std::calloc) == CURLE_OK);
  const auto* const version = curl_version_info(CURLVERSION_NOW);
  BATON_CHECK(version->features & CURL_VERSION_ASYNCHDNS);
  BATON_CHECK(version->features & CURL_VERSION_SSL);
  BATON_CHECK(version->ssl_version != nullptr &&
              std::string_view(version->ssl_version).starts_with("OpenSSL/"));
  std::signal(SIGPIPE, SIG_IGN);
  return true;
}

}  // namespace

void prepare_libcurl() {
  static const bool done = set_up();
  BATON_CHECK(done);
}

bool has_ca_folder() {
  static const bool has = curl_version_info(CURLVERSION_NOW)->capath != nullptr;
  return has;
}

}  // namespace baton
