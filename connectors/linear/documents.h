// Purpose: every GraphQL document that leaves for Linear, as constants: what varies travels in variables, so
// nothing that anybody typed can become part of a query. Source: fact sheet linear, section 3; each
// document is held against the vendor's schema in tests/connectors/linear/spec_test.cc.
// Owner: none. Threads: any. Fields marked [Internal], [ALPHA] or [DEPRECATED] there are not asked for.
#pragma once

#include <array>
#include <string_view>

namespace baton::linear {

inline constexpr std::string_view kHealth =
    "query BatonHealth { viewer { id name } organization { id urlKey name } }";

inline constexpr std::string_view kTeamByKey =
    "query BatonTeamByKey($key: String!) { teams(first: 1, filter: { key: { eq: $key } }) { "
    "nodes { id key name } } }";

inline constexpr std::string_view kTeamStates =
    "query BatonTeamStates($teamId: ID!) { workflowStates(first: 50, filter: { team: { id: { eq: $teamId } } "
    "}) { "
    "nodes { id name type position } } }";

// Other teams have labels of the same name.
inline constexpr std::string_view kLabelsByName =
    "query BatonLabelsByName($names: [String!]!, $teamId: ID!) { issueLabels(first: 50, filter: { "
    "name: { in: $names } or: [{ team: { null: true } }, { team: { id: { eq: $teamId } } }] }) { "
    "nodes { id name isGroup parent { id } team { id } } } }";

inline constexpr std::string_view kIssueById =
    "query BatonIssueById($id: String!) { issue(id: $id) { id identifier url title description priority "
    "state { id name type } team { id key } assignee { id name } completedAt canceledAt trashed } }";

inline constexpr std::string_view kIssuesByMarker =
    "query BatonIssuesByMarker($teamId: ID!, $marker: String!) { issues(first: 10, orderBy: updatedAt, "
    "filter: { "
    "team: { id: { eq: $teamId } } description: { contains: $marker } "
    "state: { type: { nin: [\"completed\", \"canceled\", \"duplicate\"] } } }) { "
    "nodes { id identifier url title description state { id name type } } } }";

inline constexpr std::string_view kSearchIssues =
    "query BatonSearchIssues($term: String!, $teamId: String) { searchIssues(term: $term, teamId: $teamId, "
    "first: 10, includeArchived: false) { "
    "nodes { id identifier url title customerTicketCount state { id name type } } } }";

inline constexpr std::string_view kIssueCreate =
    "mutation BatonIssueCreate($input: IssueCreateInput!) { issueCreate(input: $input) { "
    "success issue { id identifier url title state { id name type } } } }";

inline constexpr std::string_view kIssueUpdate =
    "mutation BatonIssueUpdate($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: "
    "$input) { "
    "success issue { id identifier url state { id name type } } } }";

inline constexpr std::string_view kCommentCreate =
    "mutation BatonCommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { "
    "success comment { id url } } }";

inline constexpr std::string_view kAttachmentCreate =
    "mutation BatonAttachmentCreate($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { "
    "success attachment { id url } } }";

inline constexpr std::string_view kCustomerUpsert =
    "mutation BatonCustomerUpsert($input: CustomerUpsertInput!) { customerUpsert(input: $input) { "
    "success customer { id name } } }";

inline constexpr std::string_view kCustomerNeedCreate =
    "mutation BatonCustomerNeedCreate($input: CustomerNeedCreateInput!) { customerNeedCreate(input: $input) "
    "{ "
    "success need { id } } }";

inline constexpr std::string_view kIssueRelationCreate =
    "mutation BatonIssueRelationCreate($input: IssueRelationCreateInput!) { issueRelationCreate(input: "
    "$input) { "
    "success issueRelation { id type } } }";

inline constexpr auto kDocuments = std::to_array<std::string_view>(
    {kHealth, kTeamByKey, kTeamStates, kLabelsByName, kIssueById, kIssuesByMarker, kSearchIssues,
     kIssueCreate, kIssueUpdate, kCommentCreate, kAttachmentCreate, kCustomerUpsert, kCustomerNeedCreate,
     kIssueRelationCreate});

}  // namespace baton::linear
