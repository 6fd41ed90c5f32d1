#include "connectors/freshdesk/multipart.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

// What may stand in a quoted file name and in a header: nothing that ends either, and of `marks` none that
// could.
std::string safe(std::string_view text, std::string_view otherwise, std::string_view marks = {}) {
  constexpr std::size_t kLongestName = 100;
  std::string to;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '_' || c == '-' || c == '/' || c == '+' ||
                       marks.find(c) != std::string_view::npos;
    to += plain ? c : '_';
  }
  if (to.size() > kLongestName) to.resize(kLongestName);
  return to.empty() ? std::string(otherwise) : to;
}

}  // namespace

void Form::add(std::string_view name, std::string_view value) {
  parts_.push_back("content-disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
                   std::string(value));
}

void Form::add_file(std::string_view name, std::string_view file_name, std::string_view type,
                    std::string_view bytes) {
  auto bare = safe(file_name, "transcript.txt");
  std::ranges::replace(bare, '/', '_');
  parts_.push_back("content-disposition: form-data; name=\"" + std::string(name) + "\"; filename=\"" + bare +
                   "\"\r\ncontent-type: " + safe(type, "text/plain", "; =") + "\r\n\r\n" +
                   std::string(bytes));
}

// Without chance, because the bytes are journalled and sent again: counted up until nobody wrote it.
std::string Form::boundary() const {
  for (int n = 0;; ++n) {
    auto mark = "baton-form-" + std::to_string(n);
    const auto holds = [&](const std::string& part) { return part.find(mark) != std::string::npos; };
    if (std::ranges::none_of(parts_, holds)) return mark;
  }
}

std::string Form::body() const {
  const auto mark = boundary();
  std::string all;
  for (const auto& part : parts_) all += "--" + mark + "\r\n" + part + "\r\n";
  return all + "--" + mark + "--\r\n";
}

std::string Form::content_type() const { return "multipart/form-data; boundary=" + boundary(); }

std::string newest_of(std::string_view transcript) {
  constexpr std::size_t kMost = 900 * 1024;
  if (transcript.size() <= kMost) return std::string(transcript);
  auto start = transcript.size() - kMost;
  if (const auto line = transcript.find('\n', start); line != std::string_view::npos) start = line + 1;
  return "[the beginning is too long to send]\n" + to_valid_utf8(transcript.substr(start));
}

}  // namespace baton::freshdesk
