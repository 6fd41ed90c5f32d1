#include "gateway/handoff/transcript.h"

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kMostMessages = 40;
constexpr std::size_t kMostBytes = 20'000;

// Who says what when: lines of a message that go on are indented, so that nobody can write a line in
// somebody else's name.
std::string indented(std::string_view text) {
  std::string to;
  for (const char c : to_valid_utf8(text)) {
    if (c == '\r') continue;
    to += c;
    if (c == '\n') to += "    ";
  }
  return to;
}

}  // namespace

bool is_long(JsonView transcript) {
  const auto messages = items(transcript);
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message["text"].text().size();
  return messages.size() > kMostMessages || bytes > kMostBytes;
}

std::string as_file(JsonView transcript) {
  std::string file;
  for (const auto& message : items(transcript)) {
    const auto at = message["at"].text();
    const auto role = message["role"].text("someone");
    const auto author = message["author"].text();
    if (!at.empty()) file += indented(at) + " ";
    file += author.empty() ? indented(role) : indented(author) + " (" + indented(role) + ")";
    file += ": " + indented(message["text"].text()) + "\n";
    for (const auto& one : items(message["attachments"])) {
      file += "    [" + indented(one["name"].text("attachment")) + "] " + indented(one["url"].text()) + "\n";
    }
  }
  return file;
}

}  // namespace baton::handoff
