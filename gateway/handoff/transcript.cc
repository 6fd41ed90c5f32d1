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

std::string message_text(JsonView message) {
  std::string text;
  const auto at = message["at"].text();
  const auto role = message["role"].text("someone");
  const auto author = message["author"].text();
  if (!at.empty()) text += indented(at) + " ";
  text += author.empty() ? indented(role) : indented(author) + " (" + indented(role) + ")";
  text += ": " + indented(message["text"].text()) + "\n";
  for (const auto& one : items(message["attachments"]))
    text += "    [" + indented(one["name"].text("attachment")) + "] " + indented(one["url"].text()) + "\n";
  return text;
}

}  // namespace

bool is_long(JsonView transcript) {
  const auto messages = items(transcript);
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message["text"].text().size();
  return messages.size() > kMostMessages || bytes > kMostBytes;
}

std::string as_file(JsonView transcript, std::size_t most) {
  constexpr std::size_t kNote = 100;  // about what is left out
  std::vector<std::string> newest_first;
  std::size_t size = 0;
  const auto messages = items(transcript);
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    auto text = message_text(*message);
    if (size + text.size() + kNote > most) break;
    size += text.size();
    newest_first.push_back(std::move(text));
  }
  std::string file;
  if (const auto left_out = messages.size() - newest_first.size(); left_out > 0)
    file = "[" + std::to_string(left_out) + " earlier messages are left out: the file would be too large]\n";
  for (auto text = newest_first.rbegin(); text != newest_first.rend(); ++text) file += *text;
  return file;
}

}  // namespace baton::handoff
