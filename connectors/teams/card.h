// Purpose: Teams' cards from our documents. A document is plain text in parts, and every part is escaped
// here, so that no mapping can forget it. Its members, all optional:
//   title "one line", summary "what a notification shows", facts [{title, value}],
//   sections [{title, text}], transcript [{who, text}], links [{title, url}]
// Owner: connector.cc. Threads: any; everything here is pure. Units: bytes of UTF-8.
// Errors: none. A member of another type counts as absent; a link that Teams would not take is left out,
// because one of them makes the whole card invalid.
// Source: fact sheet microsoft-teams, sections 3.1, 3.2, 5 and 8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/step.h"

namespace baton::teams {

// Teams takes 28 KB of a webhook; the smaller meaning of that is taken (section 5).
inline constexpr int kMostBytes = 28'000;

struct Pair {
  std::string name;
  std::string text;
};

struct Card {
  std::string title;
  std::string summary;
  std::string id;  // the handoff's: by it a person recognises a card that came twice (section 4)
  std::vector<Pair> facts;
  std::vector<Pair> sections;
  std::vector<Pair> transcript;
  std::vector<Pair> links;
};

// `claim_url` becomes the first button: the page where a person claims, which no mapping has to know.
Card read_card(const nlohmann::json& document, std::string_view external_id, std::string_view claim_url = {});

// The largest form of it that fits: without the conversation, then with short texts, then the facts alone,
// and at last a single line of text with the links.
sdk::Write post_card(const Card& card);
// The same, said to be one that may have come before.
Card as_repeat(Card card);
// For Teams having called the other one too large.
sdk::Write post_small(const Card& card);

// Nothing in it is markup or a mention; line breaks stay where `lines` says so (section 8). At most `most`
// bytes before it is escaped.
std::string escaped(std::string_view text, std::size_t most, bool lines);

}  // namespace baton::teams
