#include "gateway/base/instances.h"

template class std::basic_string<char>;
template class std::basic_string_view<char>;
template class std::vector<std::string>;

template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class std::map<std::string, nlohmann::json, std::less<>>;
template class std::vector<nlohmann::json>;

namespace nlohmann::detail {
template class lexer<json, OfString>;
template class lexer<json, OfView>;
template class parser<json, OfString>;
template class parser<json, OfView>;
template class json_sax_dom_parser<json>;
template class json_sax_dom_callback_parser<json>;
}  // namespace nlohmann::detail
template nlohmann::json nlohmann::json::parse(const std::string&, parser_callback_t, bool, bool);
template nlohmann::json nlohmann::json::parse(std::string&, parser_callback_t, bool, bool);
template nlohmann::json nlohmann::json::parse(std::string&&, parser_callback_t, bool, bool);
template nlohmann::json nlohmann::json::parse(std::string_view&, parser_callback_t, bool, bool);
template nlohmann::json nlohmann::json::parse(const std::string_view&, parser_callback_t, bool, bool);
