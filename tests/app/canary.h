// Purpose: finds a secret in text and files, however it was encoded on the way there.
// Owner: the test. Threads: any. Errors: none.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/text.h"

namespace baton::app {

// Base64 of the secret as it stands inside of something longer, at each of the three alignments: only
// the characters that the neighbours cannot change.
inline std::vector<std::string> inside_base64(const std::string& secret) {
  std::vector<std::string> forms;
  for (std::size_t before = 0; before < 3; ++before) {
    const auto encoded = to_base64(std::string(before, 'x') + secret);
    const auto first = before == 0 ? 0 : before + 1;
    const auto whole = (before + secret.size()) * 8 / 6;
    forms.push_back(encoded.substr(first, whole - first));
  }
  return forms;
}

// Every form in which the secret would be of use to whoever finds it.
inline std::set<std::string> forms_of(const std::string& secret) {
  constexpr std::size_t kHalf = 14;  // enough to recognise it when the rest was cut off
  std::set<std::string> forms = {secret, to_hex(secret), percent_encode(secret),
                                 std::string(secret.rbegin(), secret.rend())};
  if (secret.size() > kHalf) forms.insert({secret.substr(0, kHalf), secret.substr(secret.size() - kHalf)});
  const auto quoted = nlohmann::json(secret).dump(-1, ' ', true);
  forms.insert(quoted.substr(1, quoted.size() - 2));
  auto upper = to_hex(secret);
  std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  forms.insert(upper);
  for (auto form : inside_base64(secret)) {
    forms.insert(form);
    std::ranges::replace(form, '+', '-');
    std::ranges::replace(form, '/', '_');
    forms.insert(form);
  }
  return forms;
}

// What of `secrets` is in `text`, for the message of a failing test.
inline std::vector<std::string> found_in(std::string_view text, const std::vector<std::string>& secrets) {
  std::vector<std::string> found;
  for (const auto& secret : secrets) {
    for (const auto& form : forms_of(secret)) {
      const auto at = text.find(form);
      if (at == std::string_view::npos) continue;
      const auto from = at < 80 ? 0 : at - 80;
      found.push_back(secret + " as " + form + " in ..." +
                      to_valid_utf8(text.substr(from, 160 + form.size())));
      break;
    }
  }
  return found;
}

}  // namespace baton::app
