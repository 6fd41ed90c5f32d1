#include "gateway/api/claim_page.h"

#include <optional>
#include <utility>
#include <vector>

#include "gateway/api/act.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/brief.h"
#include "gateway/handoff/permission.h"

namespace baton::api {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : to_valid_utf8(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

// Nothing on the page runs, is loaded from elsewhere, or tells the next site where the person came from.
Reply page(int status, std::string_view title, const std::string& body) {
  std::string html =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
      escaped(title) +
      "</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 "
      "1rem}"
      "dt{font-weight:600;margin-top:.6rem}dd{margin:0;white-space:pre-line}"
      "input,button{font:inherit;padding:.4rem .8rem}</style></head><body><h1>" +
      escaped(title) + "</h1>" + body + "</body></html>\n";
  return Reply(status, std::move(html),
               Headers{{"content-type", "text/html; charset=utf-8"},
                       {"cache-control", "no-store"},
                       {"content-security-policy",
                        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                        "frame-ancestors 'none'; base-uri 'none'"},
                       {"referrer-policy", "no-referrer"},
                       {"x-content-type-options", "nosniff"},
                       {"x-robots-tag", "noindex"}});
}

std::string paragraph(std::string_view text) { return "<p>" + escaped(text) + "</p>"; }

Reply sorry(const Failure& failure) {
  if (failure.kind != FailureKind::rejected) {
    auto reply =
        page(503, "Not now", paragraph("The gateway cannot answer at the moment. Try again shortly."));
    reply.retry_after = Duration{2s};
    return reply;
  }
  return page(404, "This link leads nowhere",
              paragraph("Reason: " + failure.detail +
                        ". Open the newest message about the conversation, or its ticket, and claim there."));
}

std::string brief_of(const Handoff& handoff, TimePoint now) {
  const auto brief = handoff::brief(handoff, now);
  std::string list = "<dl>";
  for (const auto& [name, text] :
       std::vector<std::pair<std::string_view, const std::string*>>{{"Customer", &brief.who},
                                                                    {"Wants", &brief.wanted},
                                                                    {"Went wrong", &brief.went_wrong},
                                                                    {"Tried", &brief.tried},
                                                                    {"Account", &brief.account},
                                                                    {"Money", &brief.money},
                                                                    {"History", &brief.history},
                                                                    {"Next", &brief.next}}) {
    if (!text->empty()) list += "<dt>" + std::string(name) + "</dt><dd>" + escaped(*text) + "</dd>";
  }
  list += "<dt>Priority</dt><dd>" + std::string(name(handoff.priority)) + ", waiting since " +
          to_rfc3339(handoff.requested_at) + "</dd></dl>";
  return list;
}

// A link proves nothing about its reader: what is confidential is read by whoever has taken it.
bool is_veiled(const Handoff& handoff) { return !handoff.veiled.empty(); }

std::string ticket_of(const Handoff& handoff) {
  if (!handoff.ticket || !handoff.ticket->url.starts_with("https://")) return {};
  return "<p><a rel=\"noopener noreferrer\" href=\"" + escaped(handoff.ticket->url) +
         "\">Open the ticket</a></p>";
}

std::string taken_by(const Handoff& handoff) {
  return handoff.owner_name.empty() ? "" : handoff.owner_name + " has this conversation.";
}

bool can_be_claimed(const Handoff& handoff) { return handoff.state == State::waiting; }

std::string form(bool asks_name) {
  std::string out = "<form method=\"post\">";
  if (asks_name) {
    out +=
        "<p><label>Your name <input name=\"name\" required maxlength=\"80\" autocomplete=\"name\" "
        "autofocus></label></p>";
  }
  out += "<p><button>Claim this conversation</button>";
  // A typed name is nobody's: only whom the sign-in knows can say no for themselves.
  if (!asks_name) out += " <button name=\"act\" value=\"decline\">I cannot take it</button>";
  return out + "</p></form>";
}

// What a person would call a name: no line breaks or other control characters, not endless.
std::string tidy(std::string_view given) {
  constexpr std::size_t kLongest = 80;
  const auto valid = to_valid_utf8(trim(given));
  std::string name;
  for (const char c : clip_utf8(valid, kLongest)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) name += c;
  }
  return std::string(trim(name));
}

Reply declined(const Ruling& ruling) {
  if (ruling.refused.empty())
    return page(200, "Thank you", paragraph("You are not asked for this conversation; the next one is."));
  const auto taken = taken_by(*ruling.handoff);
  return page(409, taken.empty() ? "Nothing was changed" : taken, paragraph(ruling.refused));
}

std::optional<std::string> form_value(std::string_view body, std::string_view name) {
  return query_value("/?" + std::string(body), name);
}

}  // namespace

std::string ClaimPage::name_of(const RawRequest& request) const {
  if (!identity_header_.empty()) return tidy(header(request.headers, identity_header_));
  return tidy(form_value(request.body, "name").value_or(""));
}

Task<Reply> ClaimPage::show(RawRequest request) {
  const auto id = links_.open(request.params["token"], clock_.now());
  if (!id) co_return sorry(id.error());
  const auto record = co_await journal_.load(*id);
  if (!record) co_return sorry(record.error());
  const auto& handoff = record->handoff;
  const auto headline =
      is_veiled(handoff) ? handoff::veil(handoff) : handoff::brief(handoff, clock_.now()).headline;
  auto body = is_veiled(handoff) ? paragraph("Only members of the team who may see it take it.")
                                 : brief_of(handoff, clock_.now()) + ticket_of(handoff);
  if (can_be_claimed(handoff)) body += form(identity_header_.empty());
  else body += paragraph(taken_by(handoff) + " It is " + std::string(name(handoff.state)) + ".");
  co_return page(200, headline, body);
}

Task<Reply> ClaimPage::claim(RawRequest request) {
  const auto id = links_.open(request.params["token"], clock_.now());
  if (!id) co_return sorry(id.error());
  const auto who = name_of(request);
  if (who.empty()) {
    co_return page(422, "Who are you?",
                   paragraph(identity_header_.empty()
                                 ? "Your name is needed, so that others see who has the conversation."
                                 : "The sign-in did not say who you are: the header `" + identity_header_ +
                                       "` is missing. Whoever runs Baton can mend it.") +
                       (identity_header_.empty() ? form(true) : ""));
  }
  const auto now = clock_.now();
  // A name that somebody typed is nobody's proof; what the sign-in says is.
  const auto known_as = (identity_header_.empty() ? "page:" : "") + to_lower(who);
  const bool declines = !identity_header_.empty() && form_value(request.body, "act") == "decline";
  Signal signal(declines ? SignalKind::declined : SignalKind::claimed, make_id("act", now, random_), {},
                known_as);
  signal.who_name = who;
  AuditEntry audit(now, who + " (claim page)", declines ? "handoff.decline" : "handoff.claim", id->text, "");
  const auto ruling = co_await act(journal_, clock_, *id, std::move(signal), std::move(audit));
  if (!ruling) co_return sorry(ruling.error());
  if (!ruling->decided)
    co_return page(202, declines ? "Almost done" : "Almost yours",
                   paragraph("What you said is stored. Reload this page to see who has it."));
  const auto& handoff = *ruling->handoff;
  if (declines) co_return declined(*ruling);
  const auto words = brief_of(handoff, clock_.now()) + ticket_of(handoff);
  if (ruling->refused.empty()) co_return page(200, "You have it, " + who, words);
  const auto taken = taken_by(handoff);
  co_return page(409, taken.empty() ? "It cannot be claimed" : taken,
                 paragraph(ruling->refused) + (is_veiled(handoff) ? "" : words));
}

}  // namespace baton::api
