// Purpose: a multipart form (RFC 7578), as Freshdesk wants it for files (fact sheet, section 3.6).
// Owner: wire.cc. Threads: plain values. Units: bytes. Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::freshdesk {

class Form {
 public:
  void add(std::string_view name, std::string_view value);
  void add_file(std::string_view name, std::string_view file_name, std::string_view type,
                std::string_view bytes);

  // The same parts give the same bytes, and the boundary stands in none of them.
  std::string body() const;
  std::string content_type() const;

 private:
  std::string boundary() const;
  std::vector<std::string> parts_;
};

// The end of a transcript that is too long to send, from the beginning of a line on.
std::string newest_of(std::string_view transcript);

}  // namespace baton::freshdesk
