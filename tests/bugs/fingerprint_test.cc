// Purpose: what of an error stays and what varies, and which two errors are one defect.
#include <chrono>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/handoff/fingerprint.h"
#include "gateway/handoff/fingerprint_text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct Turned {
  std::string from;
  std::string to;
};

TEST(MessageTemplate, what_varies_from_customer_to_customer_becomes_a_star) {
  const std::vector<Turned> table = {
      {"Order 4711 not found", "order * not found"},
      {"Order INV-2026-0012 not found", "order inv* not found"},
      {"Order ord_8f3a2b not found", "order ord* not found"},
      {"Order 018f3c6e-1b2d-7c3a-9f4e-5a6b7c8d9e0f not found", "order * not found"},
      {"Order 'Ada''s' not found", "order * not found"},
      {"Order \"a b\" not found", "order * not found"},
      {"Auftrag „a b“ nicht gefunden", "auftrag * nicht gefunden"},
      {"can't open the cart", "can't open the cart"},
      {"no mail to ada.lovelace@example.com possible", "no mail to * possible"},
      {"user Ada Lovelace has no cart", "user * has no cart"},
      {"user ada.lovelace has no cart", "user * has no cart"},
      {"pointer 0x7ffe12ab and deadbeef freed", "pointer * and * freed"},
      {"took 1.250,50 EUR from the card", "took * from the card"},
      {"took EUR 12.50 from the card", "took * from the card"},
      {"gave up after 30000ms of waiting", "gave up after * of waiting"},
      {"gave up after 30 seconds of waiting", "gave up after * of waiting"},
      {"format de-DE is not known", "format * is not known"},
      {"cannot read /home/ada/x.csv now", "cannot read * now"},
      {"cannot read C:\\Users\\ada\\x.csv now", "cannot read * now"},
      {"GET /api/orders/4711?x=1 failed badly", "get /api/orders/:id failed badly"},
      {"bad body {\"id\": {\"a\": 1}} given", "bad body * given"},
      {"request failed with status code 502", "request failed with status code 502"},
      {"connect failed, errno 111", "connect failed errno 111"},
      {"2026-11-20T09:40:02Z ERROR: cart is empty", "cart is empty"},
      {"Uncaught (in promise) Error: cart is empty", "cart is empty"},
      {"", ""},
      {"  \n ", ""},
      {"'", ""},
      {"{{{{", "*"},
      {"…", ""},
  };
  for (const auto& [from, to] : table) EXPECT_EQ(message_template(from).text, to) << from;
}

TEST(MessageTemplate, a_message_that_was_cut_off_loses_its_last_word) {
  const auto made = message_template("Shift overlaps with anoth…");
  EXPECT_EQ(made.text, "shift overlaps with");
  EXPECT_TRUE(made.truncated);
}

TEST(MessageTemplate, the_kind_of_error_stands_apart) {
  EXPECT_EQ(message_template("TypeError: x is undefined").type, "typeerror");
  EXPECT_EQ(message_template("java.lang.NullPointerException: total").type, "nullpointerexception");
  EXPECT_EQ(message_template("Error: x").type, "");
}

TEST(MessageTemplate, the_service_that_was_called_is_named) {
  const std::vector<Turned> table = {
      {"timeout calling https://pricing-2.internal:8080/quote/7", "pricing-*.internal"},
      {"timeout calling the ledger", "ledger"},
      {"connect ECONNREFUSED 10.0.3.7:6379", "port 6379"},
      {"cannot connect to payments-service", "payments-service"},
      {"connection to amqp://10.0.0.3:5672/ refused", "port 5672"},
      {"could not connect on port 5432", "port 5432"},
      {"audience https://acme.example.com is wrong", ""},
      {"no such customer: ada@acme.example", ""},
  };
  for (const auto& [from, to] : table) EXPECT_EQ(message_template(from).target, to) << from;
}

TEST(PageTemplate, segments_that_stand_for_one_of_many_are_left_out) {
  const std::vector<Turned> table = {
      {"https://shop.example/orders/4711?tab=2", "/orders/:id"},
      {"https://shop.example/de/orders/4711/", "/orders/:id"},
      {"https://shop.example/pt-BR/orders/ord_8f3a", "/orders/:id"},
      {"https://shop.example/api/v2/orders", "/api/v2/orders"},
      {"https://shop.example", "/"},
      {"https://shop.example/app#/orders/4711", "/orders/:id"},
      {"/Orders/index.html", "/orders/index"},
      {"", ""},
  };
  for (const auto& [from, to] : table) EXPECT_EQ(page_template(from), to) << from;
}

TEST(Names, a_pod_and_a_version_are_not_the_component) {
  EXPECT_EQ(component_name("payments-7d9f8b6c5-x2x4z@1.4.2"), "payments");
  EXPECT_EQ(component_name("Payments-v2"), "payments-v2");
  EXPECT_EQ(code_name("PSP_502"), "psp-502");
}

TEST(TopOfStack, is_our_own_code_in_every_language) {
  const std::vector<Turned> table = {
      {"TypeError: x\n    at t (https://x.example/vendor.1f2.js:1:2)\n"
       "    at async Cart.submit (https://x.example/assets/checkout.4f3a2b.js:3:4)",
       "checkout#submit"},
      {"submit/<@https://x.example/assets/checkout.77aa01.js:9:4\nonclick@https://x.example/a.js:1:2",
       "checkout#submit"},
      {"java.lang.NullPointerException: x\n\tat java.util.Objects.requireNonNull(Objects.java:233)\n"
       "\tat com.acme.Cart.lambda$submit$0(Cart.java:12)\n\t... 12 more",
       "cart#submit"},
      {"   at System.Linq.First(String s)\n   at Shop.Pay.Charge(String id) in C:\\src\\Pay.cs:line 12",
       "pay#charge"},
      {"Traceback (most recent call last):\n  File \"/srv/app/run.py\", line 1, in start\n"
       "  File \"/srv/app/pay.py\", line 9, in charge\nValueError: x",
       "pay#charge"},
      {"/srv/app/models/pay.rb:12:in `charge'\n/srv/app/run.rb:2:in `start'", "pay#charge"},
      {"#0 /srv/Pay.php(12): App\\Pay->charge()\n#1 {main}", "pay#charge"},
      {"goroutine 7 [running]:\nencoding/json.(*Decoder).Token(0xc0)\n\t/usr/local/go/src/x.go:3 +0x1\n"
       "acme/pay.(*Client).Charge(0xc0, 0x1)\n\t/build/pay/client.go:33 +0x1d",
       "pay#charge"},
      {"   3: shop::pay::charge::h0123456789abcdef\n             at src/pay.rs:12:5", "pay#charge"},
      {"#3 0x55 in charge (x=1) at pay.cc:12", "pay#charge"},
      {"0   AcmeApp   0x00000001136af788 Pay.charge(at:) + 64", "pay#charge"},
      {"   at Shop.Pay.<ChargeAsync>d__12.MoveNext() in C:\\src\\Pay.cs:line 12", "pay#chargeasync"},
      {"at com.acme.List<T>.add(List.java:12)", "list#add"},
      {"at Object.<anonymous> (/srv/a.js:1:2)\nat charge (/srv/pay.js:1:2)", "pay#charge"},
      {"async*charge@https://x.example/pay.js:1:2", "pay#charge"},
      {"#0      Pay.charge (package:shop/pay.dart:12:3)", "pay#charge"},
      {"\tat shop.Pay$.$anonfun$charge$1(Pay.scala:12)", "pay#charge"},
      {"no stack at all", ""},
      {"", ""},
  };
  for (const auto& [from, to] : table) EXPECT_EQ(top_of_stack(from).frame, to) << from;
}

TEST(TopOfStack, an_everyday_name_says_who_called_it) {
  EXPECT_EQ(top_of_stack("at Api.request (/srv/api/http.js:1:2)\nat loadCart (/srv/cart.js:3:4)").frame,
            "http#request < cart#loadcart");
}

json an_error(json error, const std::string& page = {}) {
  json data = {{"errors", json::array({std::move(error)})}};
  if (!page.empty()) data["page"] = {{"url", page}};
  return data;
}

std::optional<Fingerprint> read(const json& data) { return fingerprint(data); }

ErrorParts parts_of(const json& data) {
  const auto made = fingerprint(data);
  return made ? made->parts : ErrorParts();
}

const std::string kStack =
    "TypeError: x\n    at submit (/srv/app/checkout.js:10:4)\n    at run (/srv/app/a.js:1:1)";
const std::string kMoved =
    "TypeError: x\n    at submit (/opt/r7/checkout.js:99:1)\n    at run (/opt/r7/a.js:2:2)";
const std::string kOther = "TypeError: x\n    at cancel (/srv/app/checkout.js:10:4)";

struct Pair {
  std::string what;
  json one;
  json other;
  bool same;
};

std::vector<Pair> pairs() {
  const json psp = {{"code", "PSP-502"}, {"component", "payments"}, {"message", "Payment 1 failed at bank"}};
  const auto with = [&](const json& more) {
    auto error = psp;
    error.update(more);
    return an_error(error);
  };
  return {
      {"another number", with(json::object()), with({{"message", "Payment 2 failed at bank"}}), true},
      {"another release", with({{"stack", kStack}}), with({{"stack", kMoved}}), true},
      {"no stack", with({{"stack", kStack}}), with(json::object()), true},
      {"a translated message with a stack", with({{"stack", kStack}}),
       with({{"stack", kStack}, {"message", "Zahlung 3 gescheitert"}}), true},
      {"another code", with({{"stack", kStack}}), with({{"stack", kStack}, {"code", "PSP-503"}}), false},
      {"another component", with(json::object()), with({{"component", "search"}}), false},
      {"another top of the stack", with({{"stack", kStack}}), with({{"stack", kOther}}), false},
      {"another service", with({{"message", "timeout calling ledger"}}),
       with({{"message", "timeout calling stock"}}), false},
      {"a page that says it all", an_error({{"message", "Failed to fetch"}}, "https://a.example/orders/1"),
       an_error({{"message", "Failed to fetch"}}, "https://a.example/orders/2"), true},
      {"another page", an_error({{"message", "Failed to fetch"}}, "https://a.example/orders/1"),
       an_error({{"message", "Failed to fetch"}}, "https://a.example/cards/2"), false},
      {"a message cut short",
       an_error({{"message", "Shift 1 overlaps with another shift"}, {"component", "x"}}),
       an_error({{"message", "Shift 2 overlaps with anoth…"}, {"component", "x"}}), true},
      {"another message", an_error({{"message", "cart is empty now"}, {"component", "x"}}),
       an_error({{"message", "cart is locked now"}, {"component", "x"}}), false},
      {"a common code", an_error({{"code", "HTTP-500"}, {"component", "x"}, {"stack", kStack}}),
       an_error({{"code", "HTTP-500"}, {"component", "x"}, {"stack", kOther}}), false},
  };
}

TEST(Compare, code_component_and_top_of_stack_decide_before_the_message) {
  for (const auto& [what, one, other, same] : pairs()) {
    const auto a = parts_of(one), b = parts_of(other);
    EXPECT_EQ(compare(a, b).same, same) << what << ": " << explain(a, b);
    EXPECT_EQ(explain(a, b), explain(a, b));
    EXPECT_EQ(compare(b, a).same, same) << what << ", the other way round";
  }
}

TEST(Compare, says_in_words_why) {
  const auto one = parts_of(an_error({{"code", "A-1"}, {"component", "pay"}}));
  const auto other = parts_of(an_error({{"code", "A-2"}, {"component", "pay"}}));
  EXPECT_EQ(explain(one, other), "Two defects: the error codes differ: a-1 and a-2.");
  EXPECT_EQ(explain(one, one), "The same defect: the code is a-1 in both.");
}

TEST(Fingerprint, its_key_never_changes_between_releases) {
  // Stored in journals and trackers: if this fails, bump the version in canonical() and say so in the notes.
  const auto made = read(an_error({{"code", "PSP-502"}, {"component", "payments"}, {"stack", kStack}}));
  ASSERT_TRUE(made);
  EXPECT_EQ(canonical(made->parts), "1\ncode=psp-502\ncomponent=payments\nframe=checkout#submit\n");
  EXPECT_EQ(made->key, "2fde51917fdef68c33dcc60f0a36bf97");
}

TEST(Fingerprint, the_error_that_says_most_is_the_one) {
  const json data = {{"errors", json::array({{{"message", "Something went wrong"}},
                                             {{"code", "PSP-502"}, {"message", "declined"}}})}};
  EXPECT_EQ(parts_of(data).code, "psp-502");
}

TEST(Fingerprint, what_says_nothing_has_none) {
  EXPECT_FALSE(read(json::object()));
  EXPECT_FALSE(read(json(7)));
  EXPECT_FALSE(read(json{{"errors", json::array()}}));
  EXPECT_FALSE(read(an_error({{"message", "Something went wrong"}})));
  EXPECT_FALSE(read(json{{"errors", json::array({nullptr, 3, "x", json::object()})}}));
}

// --- random errors

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  std::string one_of(std::initializer_list<const char*> values) {
    return *(values.begin() + below(values.size()));
  }
  std::string bytes() {
    std::string text;
    for (auto n = below(80); n > 0; --n)
      text += below(3) ? one_of({"'",       "\"", "{", "}",     "…", "://", "@",       "at ", "(",
                                 ")",       ":1", " ", "\n",    "x", "7",   "File \"", "#0 ", "::h",
                                 "lambda$", "<",  "`", "user ", "=", "/",   "...",     " 0x"})
                       : std::string(1, static_cast<char>(below(256)));
    return text;
  }
  json error() {
    json made = json::object();
    if (below(2)) made["code"] = one_of({"A-1", "A-2", "HTTP-500", "NET", "x_y"});
    if (below(2)) made["component"] = one_of({"pay", "cart"});
    if (below(2))
      made["message"] = below(4) ? one_of({"Order 1 lost", "Failed to fetch", "timeout calling ledger",
                                           "The cart of the customer is empty today", "The cart of the…"})
                                 : bytes();
    if (below(2))
      made["stack"] = below(4) ? one_of({kStack.c_str(), kMoved.c_str(), kOther.c_str()}) : bytes();
    return made;
  }
  json data() {
    return an_error(error(), below(2) ? "https://a.example/" + one_of({"orders/1", "cards/2"}) : "");
  }

 private:
  std::mt19937_64 engine_;
};

TEST(Fingerprint, of_random_errors_equal_keys_mean_one_defect_and_one_defect_shares_a_shelf) {
  constexpr std::uint64_t kSeed = 20261121;
  RecordProperty("seed", std::to_string(kSeed));
  Chance chance(kSeed);
  std::size_t same = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto one = read(chance.data()), other = read(chance.data());
    if (!one || !other) continue;
    const auto verdict = compare(one->parts, other->parts);
    ASSERT_EQ(verdict.same, compare(other->parts, one->parts).same) << "seed " << kSeed << " step " << i;
    ASSERT_TRUE(compare(one->parts, one->parts).same) << canonical(one->parts);
    ASSERT_TRUE(is_utf8(canonical(one->parts)));
    if (one->key == other->key) ASSERT_TRUE(verdict.same) << explain(one->parts, other->parts);
    if (!verdict.same) continue;
    ++same;
    const auto a = shelves(one->parts), b = shelves(other->parts);
    const auto shared = [&](const auto& shelf) { return std::ranges::find(b, shelf) != b.end(); };
    ASSERT_TRUE(std::ranges::any_of(a, shared))
        << "seed " << kSeed << " step " << i << "\n"
        << canonical(one->parts) << canonical(other->parts) << verdict.why;
  }
  EXPECT_GE(same, 200u);
}

// Linear: ten times the length takes about ten times as long, whatever the text; and no part grows with it.
TEST(Fingerprint, the_longest_texts_are_read_in_passing) {
  for (const std::string piece :
       {"'", "{", "a ", "1a", "\"x", "at (", "://", "@", "/a", "\xff", "…", "user A "}) {
    std::string text;
    while (text.size() < 400'000) text += piece;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i)
      (void)read(an_error({{"code", text}, {"message", text}, {"component", text}, {"stack", text}}, text));
    const auto parts = parts_of(an_error({{"code", text}, {"message", text}, {"stack", text}}, text));
    EXPECT_LT(canonical(parts).size(), 2048u) << piece;
    const std::chrono::duration<double, std::milli> each = (std::chrono::steady_clock::now() - start) / 5;
    std::cout << "400 kB of " << json(to_valid_utf8(piece)) << ": " << each.count() << " ms\n";
  }
}

}  // namespace
}  // namespace baton::handoff
