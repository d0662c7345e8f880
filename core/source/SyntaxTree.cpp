#include "core/source/SyntaxTree.h"

#include <algorithm>
#include <memory>
#include <utility>

extern "C" const TSLanguage *tree_sitter_python(void);

namespace lapidary {

namespace {

using KindName = std::pair<std::string_view, NodeKind>;
constexpr KindName kindNames[] = {
    {"comment", NodeKind::Comment},
    {"line_continuation", NodeKind::LineContinuation},
    {"identifier", NodeKind::Identifier},
    {"integer", NodeKind::Integer},
    {"float", NodeKind::Float},
    {"true", NodeKind::True},
    {"false", NodeKind::False},
    {"none", NodeKind::None},
    {"ellipsis", NodeKind::Ellipsis},
    {"string", NodeKind::String},
    {"concatenated_string", NodeKind::ConcatenatedString},
    {"interpolation", NodeKind::Interpolation},
    {"string_content", NodeKind::StringContent},
    {"escape_interpolation", NodeKind::EscapeInterpolation},
    {"type_conversion", NodeKind::TypeConversion},
    {"format_specifier", NodeKind::FormatSpecifier},
    {"format_expression", NodeKind::FormatExpression},
    {"string_start", NodeKind::StringStart},
    {"string_end", NodeKind::StringEnd},
    {"attribute", NodeKind::Attribute},
    {"subscript", NodeKind::Subscript},
    {"slice", NodeKind::Slice},
    {"call", NodeKind::Call},
    {"argument_list", NodeKind::ArgumentList},
    {"keyword_argument", NodeKind::KeywordArgument},
    {"list_splat", NodeKind::ListSplat},
    {"parenthesized_list_splat", NodeKind::ListSplat},
    {"dictionary_splat", NodeKind::DictionarySplat},
    {"unary_operator", NodeKind::UnaryOperator},
    {"not_operator", NodeKind::NotOperator},
    {"binary_operator", NodeKind::BinaryOperator},
    {"boolean_operator", NodeKind::BooleanOperator},
    {"comparison_operator", NodeKind::ComparisonOperator},
    {"conditional_expression", NodeKind::ConditionalExpression},
    {"lambda", NodeKind::Lambda},
    {"parenthesized_expression", NodeKind::Parenthesized},
    {"tuple", NodeKind::Tuple},
    {"list", NodeKind::List},
    {"set", NodeKind::Set},
    {"dictionary", NodeKind::Dictionary},
    {"pair", NodeKind::Pair},
    {"expression_list", NodeKind::ExpressionList},
    {"pattern_list", NodeKind::PatternList},
    {"tuple_pattern", NodeKind::TuplePattern},
    {"list_pattern", NodeKind::ListPattern},
    {"list_splat_pattern", NodeKind::ListSplatPattern},
    {"dictionary_splat_pattern", NodeKind::DictionarySplatPattern},
    {"list_comprehension", NodeKind::ListComprehension},
    {"set_comprehension", NodeKind::SetComprehension},
    {"dictionary_comprehension", NodeKind::DictionaryComprehension},
    {"generator_expression", NodeKind::GeneratorExpression},
    {"for_in_clause", NodeKind::ForInClause},
    {"if_clause", NodeKind::IfClause},
    {"named_expression", NodeKind::NamedExpression},
    {"await", NodeKind::Await},
    {"yield", NodeKind::Yield},
    {"type", NodeKind::Type},
    {"generic_type", NodeKind::GenericType},
    {"type_parameter", NodeKind::TypeParameter},
    {"union_type", NodeKind::UnionType},
    {"member_type", NodeKind::MemberType},
    {"as_pattern", NodeKind::AsPattern},
    {"as_pattern_target", NodeKind::AsPatternTarget},
    {"module", NodeKind::Module},
    {"block", NodeKind::Block},
    {"expression_statement", NodeKind::ExpressionStatement},
    {"assignment", NodeKind::Assignment},
    {"augmented_assignment", NodeKind::AugmentedAssignment},
    {"return_statement", NodeKind::ReturnStatement},
    {"if_statement", NodeKind::IfStatement},
    {"elif_clause", NodeKind::ElifClause},
    {"else_clause", NodeKind::ElseClause},
    {"for_statement", NodeKind::ForStatement},
    {"while_statement", NodeKind::WhileStatement},
    {"try_statement", NodeKind::TryStatement},
    {"except_clause", NodeKind::ExceptClause},
    {"except_group_clause", NodeKind::ExceptGroupClause},
    {"finally_clause", NodeKind::FinallyClause},
    {"with_statement", NodeKind::WithStatement},
    {"with_clause", NodeKind::WithClause},
    {"with_item", NodeKind::WithItem},
    {"function_definition", NodeKind::FunctionDefinition},
    {"parameters", NodeKind::Parameters},
    {"lambda_parameters", NodeKind::LambdaParameters},
    {"default_parameter", NodeKind::DefaultParameter},
    {"typed_parameter", NodeKind::TypedParameter},
    {"typed_default_parameter", NodeKind::TypedDefaultParameter},
    {"keyword_separator", NodeKind::KeywordSeparator},
    {"positional_separator", NodeKind::PositionalSeparator},
    {"decorated_definition", NodeKind::DecoratedDefinition},
    {"decorator", NodeKind::Decorator},
    {"class_definition", NodeKind::ClassDefinition},
    {"import_statement", NodeKind::ImportStatement},
    {"import_from_statement", NodeKind::ImportFromStatement},
    {"future_import_statement", NodeKind::FutureImportStatement},
    {"relative_import", NodeKind::RelativeImport},
    {"import_prefix", NodeKind::ImportPrefix},
    {"dotted_name", NodeKind::DottedName},
    {"aliased_import", NodeKind::AliasedImport},
    {"wildcard_import", NodeKind::WildcardImport},
    {"assert_statement", NodeKind::AssertStatement},
    {"raise_statement", NodeKind::RaiseStatement},
    {"pass_statement", NodeKind::PassStatement},
    {"break_statement", NodeKind::BreakStatement},
    {"continue_statement", NodeKind::ContinueStatement},
    {"delete_statement", NodeKind::DeleteStatement},
    {"global_statement", NodeKind::GlobalStatement},
    {"nonlocal_statement", NodeKind::NonlocalStatement},
    {"match_statement", NodeKind::MatchStatement},
    {"print_statement", NodeKind::PrintStatement},
    {"exec_statement", NodeKind::ExecStatement},
    {"type_alias_statement", NodeKind::TypeAliasStatement},
};

using FieldName = std::pair<std::string_view, NodeField>;
constexpr FieldName fieldNames[] = {
    {"alias", NodeField::Alias},
    {"alternative", NodeField::Alternative},
    {"argument", NodeField::Argument},
    {"arguments", NodeField::Arguments},
    {"attribute", NodeField::Attribute},
    {"body", NodeField::Body},
    {"cause", NodeField::Cause},
    {"condition", NodeField::Condition},
    {"consequence", NodeField::Consequence},
    {"definition", NodeField::Definition},
    {"expression", NodeField::Expression},
    {"function", NodeField::Function},
    {"key", NodeField::Key},
    {"left", NodeField::Left},
    {"module_name", NodeField::ModuleName},
    {"name", NodeField::Name},
    {"object", NodeField::Object},
    {"operator", NodeField::Operator},
    {"operators", NodeField::Operators},
    {"parameters", NodeField::Parameters},
    {"return_type", NodeField::ReturnType},
    {"right", NodeField::Right},
    {"subscript", NodeField::Subscript},
    {"superclasses", NodeField::Superclasses},
    {"type", NodeField::Type},
    {"value", NodeField::Value},
};

// The grammar's symbols and fields as our kinds; computed once.
struct Grammar {
  const TSLanguage *language = tree_sitter_python();
  std::vector<NodeKind> kinds;   // by symbol
  std::vector<NodeField> fields; // by field id

  Grammar() {
    kinds.resize(ts_language_symbol_count(language), NodeKind::Other);
    for (std::uint32_t id = 0; id < kinds.size(); ++id) {
      auto symbol = static_cast<TSSymbol>(id);
      if (ts_language_symbol_type(language, symbol) != TSSymbolTypeRegular)
        continue;
      std::string_view name = ts_language_symbol_name(language, symbol);
      const auto *found = std::ranges::find(kindNames, name, &KindName::first);
      if (found != std::end(kindNames))
        kinds[id] = found->second;
    }
    fields.resize(ts_language_field_count(language) + 1, NodeField::None);
    for (const auto &[name, field] : fieldNames)
      fields[ts_language_field_id_for_name(language, name.data(),
                                           static_cast<std::uint32_t>(name.size()))] = field;
    fields[0] = NodeField::None; // where names unknown to the grammar ended
  }
};

const Grammar &grammar() {
  static const Grammar instance;
  return instance;
}

} // namespace

SourceRange SyntaxNode::range() const {
  TSPoint start = ts_node_start_point(node), end = ts_node_end_point(node);
  return {static_cast<int>(start.row) + firstLine, static_cast<int>(start.column) + 1,
          static_cast<int>(end.row) + firstLine, static_cast<int>(end.column) + 1};
}

SyntaxTree::SyntaxTree(std::string_view text, int firstLine, std::chrono::microseconds timeLimit)
    : source(text), firstLine(firstLine) {
  std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), ts_parser_delete);
  ts_parser_set_language(parser.get(), grammar().language);
  ts_parser_set_timeout_micros(parser.get(), static_cast<std::uint64_t>(timeLimit.count()));
  tree = ts_parser_parse_string(parser.get(), nullptr, text.data(),
                                static_cast<std::uint32_t>(text.size()));
  if (!tree)
    return;
  cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  broken = ts_node_has_error(ts_tree_root_node(tree));
}

SyntaxTree::~SyntaxTree() {
  if (!tree)
    return;
  ts_tree_cursor_delete(&cursor);
  ts_tree_delete(tree);
}

SyntaxNode SyntaxTree::wrap(TSNode node, NodeField field) const {
  TSSymbol symbol = ts_node_symbol(node);
  bool named = ts_node_is_named(node);
  const std::vector<NodeKind> &kinds = grammar().kinds;
  NodeKind kind = symbol == static_cast<TSSymbol>(-1) ? NodeKind::Error
                  : symbol < kinds.size()             ? kinds[symbol]
                                                      : NodeKind::Other;
  return {node, kind, field, named, broken && ts_node_is_missing(node), firstLine};
}

SyntaxNode SyntaxTree::root() const {
  return wrap(ts_tree_root_node(tree), NodeField::None);
}

std::string_view SyntaxTree::text(const SyntaxNode &node) const {
  return source.substr(node.startByte(), node.endByte() - node.startByte());
}

void SyntaxTree::children(const SyntaxNode &node, std::vector<SyntaxNode> &out, bool comments) {
  const std::vector<NodeField> &fields = grammar().fields;
  ts_tree_cursor_reset(&cursor, node.node);
  if (!ts_tree_cursor_goto_first_child(&cursor))
    return;
  do {
    TSFieldId field = ts_tree_cursor_current_field_id(&cursor);
    SyntaxNode child = wrap(ts_tree_cursor_current_node(&cursor),
                            field < fields.size() ? fields[field] : NodeField::None);
    if (comments || (child.kind != NodeKind::Comment && child.kind != NodeKind::LineContinuation))
      out.push_back(child);
  } while (ts_tree_cursor_goto_next_sibling(&cursor));
}

} // namespace lapidary
