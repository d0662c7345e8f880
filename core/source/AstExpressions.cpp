#include "core/source/AstBuilder.h"
#include "core/source/PythonStrings.h"

namespace lapidary {

using namespace ast;

ExprPtr AstBuilder::expressionOrNull(const SyntaxNode *node) {
  return node ? expression(*node) : nullptr;
}

std::vector<ExprPtr> AstBuilder::items(const SyntaxNode &node) {
  Children children(*this, node);
  std::vector<ExprPtr> result;
  for (std::size_t i = 0; i < children.size(); ++i)
    if (children[i].named)
      result.push_back(expression(children[i]));
  return result;
}

ExprPtr AstBuilder::expression(const SyntaxNode &node) {
  Nested nested(*this);
  if (tooDeep(node))
    return unsupported(node, "nesting this deep");
  if (node.kind == NodeKind::Error || node.missing)
    return unsupported(node, "syntax error");
  if (tree.hasErrors() && node.hasError() && Children(*this, node).broken())
    return unsupported(node, "syntax error");
  switch (node.kind) {
  case NodeKind::Identifier:
    return makeExpr(node, Name{string_(node)});
  case NodeKind::Integer:
  case NodeKind::Float:
    return number(node);
  case NodeKind::True:
    return makeExpr(node, Constant{Value{true}});
  case NodeKind::False:
    return makeExpr(node, Constant{Value{false}});
  case NodeKind::None:
    return makeExpr(node, Constant{Value{NoneValue{}}});
  case NodeKind::Ellipsis:
    return unsupported(node, "ellipsis");
  case NodeKind::String:
    return string(node);
  case NodeKind::ConcatenatedString:
    return concatenatedString(node);
  case NodeKind::Parenthesized: {
    Children children(*this, node);
    std::optional<SyntaxNode> inner = children.named();
    return inner ? expression(*inner) : unsupported(node, "syntax error");
  }
  case NodeKind::Attribute: {
    Children children(*this, node);
    auto object = children.field(NodeField::Object);
    auto name = children.field(NodeField::Attribute);
    if (!object || !name)
      return unsupported(node, "syntax error");
    return makeExpr(node, Attribute{expression(*object), string_(*name), name->range()});
  }
  case NodeKind::Subscript:
    return subscript(node);
  case NodeKind::Slice:
    return slice(node);
  case NodeKind::Call:
    return call(node);
  case NodeKind::UnaryOperator:
  case NodeKind::NotOperator:
  case NodeKind::BinaryOperator:
  case NodeKind::ConditionalExpression:
    return operatorExpression(node);
  case NodeKind::BooleanOperator:
    return booleanOperator(node);
  case NodeKind::ComparisonOperator:
    return comparison(node);
  case NodeKind::Tuple:
  case NodeKind::TuplePattern:
  case NodeKind::PatternList:
  case NodeKind::ExpressionList:
    return makeExpr(node, Tuple{items(node)});
  case NodeKind::List:
  case NodeKind::ListPattern:
    return makeExpr(node, List{items(node)});
  case NodeKind::Set:
    return makeExpr(node, Set{items(node)});
  case NodeKind::Dictionary:
    return dictionary(node);
  case NodeKind::ListSplat:
  case NodeKind::ListSplatPattern: {
    Children children(*this, node);
    auto value = children.named();
    return value ? makeExpr(node, Starred{expression(*value)}) : unsupported(node, "syntax error");
  }
  case NodeKind::Lambda:
    return lambda(node);
  case NodeKind::ListComprehension:
  case NodeKind::SetComprehension:
  case NodeKind::DictionaryComprehension:
  case NodeKind::GeneratorExpression:
    return comprehension(node);
  case NodeKind::NamedExpression:
    return unsupported(node, "walrus");
  case NodeKind::Await:
    return unsupported(node, "await");
  case NodeKind::Yield:
    return unsupported(node, "yield");
  case NodeKind::Type:
  case NodeKind::GenericType:
  case NodeKind::UnionType:
  case NodeKind::MemberType:
  case NodeKind::AsPatternTarget:
    return typeExpression(node);
  default:
    return unsupported(node, ts_node_type(node.node));
  }
}

ExprPtr AstBuilder::operatorExpression(const SyntaxNode &node) {
  Children children(*this, node);
  if (node.kind == NodeKind::ConditionalExpression) {
    auto then = children.named(0), test = children.named(1), otherwise = children.named(2);
    if (!then || !test || !otherwise)
      return unsupported(node, "syntax error");
    ExprPtr testExpr = expression(*test), thenExpr = expression(*then);
    return makeExpr(node, Conditional{testExpr, thenExpr, expression(*otherwise)});
  }
  if (node.kind == NodeKind::BinaryOperator) {
    auto left = children.field(NodeField::Left), right = children.field(NodeField::Right);
    if (!left || !right || children.size() != 3)
      return unsupported(node, "syntax error");
    std::string op(text(children[1]));
    ExprPtr leftExpr = expression(*left);
    return makeExpr(node, Binary{std::move(op), leftExpr, expression(*right)});
  }
  auto operand = children.field(NodeField::Argument);
  if (!operand)
    return unsupported(node, "syntax error");
  std::string op = node.kind == NodeKind::NotOperator ? "not" : std::string(text(children[0]));
  return makeExpr(node, Unary{std::move(op), expression(*operand)});
}

// `a and b and c` stands as ((a and b) and c) in the syntax tree; the AST has one flat list.
ExprPtr AstBuilder::booleanOperator(const SyntaxNode &node) {
  std::vector<ExprPtr> operands;
  std::string op;
  SyntaxNode current = node;
  for (;;) {
    Children children(*this, current);
    auto left = children.field(NodeField::Left), right = children.field(NodeField::Right);
    if (!left || !right || children.size() != 3 || children.broken())
      return unsupported(node, "syntax error");
    op = text(children[1]);
    operands.push_back(expression(*right));
    bool chained = left->kind == NodeKind::BooleanOperator;
    if (chained) {
      Children inner(*this, *left);
      chained = inner.size() == 3 && text(inner[1]) == op;
    }
    if (!chained) {
      operands.push_back(expression(*left));
      break;
    }
    current = *left;
  }
  return makeExpr(node, BoolOp{std::move(op), {operands.rbegin(), operands.rend()}});
}

ExprPtr AstBuilder::comparison(const SyntaxNode &node) {
  Children children(*this, node);
  Compare compare;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!children[i].named) {
      std::string op(ts_node_type(children[i].node));
      compare.ops.push_back(op == "<>" ? "!=" : std::move(op));
    } else if (!compare.left) {
      compare.left = expression(children[i]);
    } else {
      compare.rights.push_back(expression(children[i]));
    }
  }
  if (!compare.left || compare.ops.empty() || compare.ops.size() != compare.rights.size())
    return unsupported(node, "syntax error");
  return makeExpr(node, std::move(compare));
}

ExprPtr AstBuilder::call(const SyntaxNode &node) {
  Children children(*this, node);
  auto function = children.field(NodeField::Function);
  auto list = children.field(NodeField::Arguments);
  if (!function || !list)
    return unsupported(node, "syntax error");
  Call result;
  result.function = expression(*function);
  if (list->kind == NodeKind::GeneratorExpression)
    result.arguments.push_back(expression(*list));
  else
    arguments(*list, result);
  return makeExpr(node, std::move(result));
}

void AstBuilder::arguments(const SyntaxNode &node, Call &out) {
  Children children(*this, node);
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::Error) {
      out.arguments.push_back(unsupported(child, "syntax error"));
    } else if (child.kind == NodeKind::KeywordArgument) {
      Children parts(*this, child);
      auto name = parts.field(NodeField::Name), value = parts.field(NodeField::Value);
      if (name && value && !parts.broken())
        out.keywords.push_back({string_(*name), expression(*value), child.range()});
      else
        out.arguments.push_back(unsupported(child, "syntax error"));
    } else if (child.kind == NodeKind::DictionarySplat) {
      Children parts(*this, child);
      if (auto value = parts.named())
        out.keywords.push_back({"", expression(*value), child.range()});
    } else if (child.named) {
      out.arguments.push_back(expression(child));
    }
  }
}

ExprPtr AstBuilder::subscript(const SyntaxNode &node) {
  Children children(*this, node);
  auto object = children.field(NodeField::Value);
  if (!object)
    return unsupported(node, "syntax error");
  Subscript result{expression(*object), {}};
  for (std::size_t i = 0; i < children.size(); ++i)
    if (children[i].field == NodeField::Subscript && children[i].named)
      result.indices.push_back(expression(children[i]));
  // x[(0, 1)] is x[0, 1]: one tuple is the same index as its items.
  return makeExpr(node, std::move(result));
}

ExprPtr AstBuilder::slice(const SyntaxNode &node) {
  Children children(*this, node);
  ExprPtr parts[3];
  int part = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].named)
      parts[part] = expression(children[i]);
    else if (part < 2)
      ++part;
  }
  return makeExpr(node, Slice{parts[0], parts[1], parts[2]});
}

ExprPtr AstBuilder::dictionary(const SyntaxNode &node) {
  Children children(*this, node);
  Dict result;
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::Pair) {
      Children parts(*this, child);
      auto key = parts.field(NodeField::Key), value = parts.field(NodeField::Value);
      if (!key || !value || parts.broken())
        return unsupported(node, "syntax error");
      ExprPtr keyExpr = expression(*key);
      result.items.emplace_back(keyExpr, expression(*value));
    } else if (child.kind == NodeKind::DictionarySplat) {
      Children parts(*this, child);
      if (auto value = parts.named())
        result.items.emplace_back(nullptr, expression(*value));
    }
  }
  return makeExpr(node, std::move(result));
}

ExprPtr AstBuilder::lambda(const SyntaxNode &node) {
  Children children(*this, node);
  auto body = children.field(NodeField::Body);
  if (!body)
    return unsupported(node, "syntax error");
  Lambda result;
  if (auto list = children.field(NodeField::Parameters)) {
    Children names(*this, *list);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].named)
        continue;
      if (names[i].kind != NodeKind::Identifier)
        return unsupported(node, "lambda with defaults or starred parameters");
      result.parameters.push_back(string_(names[i]));
    }
  }
  result.body = expression(*body);
  return makeExpr(node, std::move(result));
}

ExprPtr AstBuilder::comprehension(const SyntaxNode &node) {
  Children children(*this, node);
  Comprehension result;
  result.kind = node.kind == NodeKind::ListComprehension         ? ComprehensionKind::List
                : node.kind == NodeKind::SetComprehension        ? ComprehensionKind::Set
                : node.kind == NodeKind::DictionaryComprehension ? ComprehensionKind::Dict
                                                                 : ComprehensionKind::Generator;
  auto body = children.field(NodeField::Body);
  if (!body)
    return unsupported(node, "syntax error");
  if (body->kind == NodeKind::Pair) {
    Children parts(*this, *body);
    auto key = parts.field(NodeField::Key), value = parts.field(NodeField::Value);
    if (!key || !value || parts.broken())
      return unsupported(node, "syntax error");
    result.element = expression(*key);
    result.value = expression(*value);
  } else {
    result.element = expression(*body);
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind != NodeKind::ForInClause && child.kind != NodeKind::IfClause)
      continue;
    Children parts(*this, child);
    if (parts.broken())
      return unsupported(node, "syntax error");
    if (child.kind == NodeKind::IfClause) {
      if (auto test = parts.named(); test && !result.clauses.empty())
        result.clauses.back().conditions.push_back(expression(*test));
      continue;
    }
    auto left = parts.field(NodeField::Left);
    std::vector<ExprPtr> rights;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      if (parts[j].kind == NodeKind::Other && text(parts[j]) == "async")
        return unsupported(node, "async comprehension");
      if (parts[j].field == NodeField::Right && parts[j].named)
        rights.push_back(expression(parts[j]));
    }
    if (!left || rights.empty())
      return unsupported(node, "syntax error");
    ExprPtr iterable = rights.size() == 1 ? rights[0] : makeExpr(child, Tuple{rights});
    result.clauses.push_back({expression(*left), iterable, {}});
  }
  return makeExpr(node, std::move(result));
}

ExprPtr AstBuilder::number(const SyntaxNode &node) {
  if (std::optional<Value> value = parseNumber(text(node)))
    return makeExpr(node, Constant{std::move(*value)});
  return unsupported(node, "complex number");
}

ExprPtr AstBuilder::string(const SyntaxNode &node) {
  Children children(*this, node);
  auto start = children.kind(NodeKind::StringStart), end = children.kind(NodeKind::StringEnd);
  if (!start || !end)
    return unsupported(node, "syntax error");
  StringPrefix prefix = stringPrefix(text(*start));
  if (prefix.bytes)
    return unsupported(node, "bytes literal");
  if (!prefix.formatted) {
    std::string_view whole = text(node);
    std::size_t from = start->endByte() - node.startByte();
    std::size_t length = end->startByte() - node.startByte() - from;
    return makeExpr(node, Constant{Value{decodeString(whole.substr(from, length), prefix.raw)}});
  }
  FormattedString result;
  formattedParts(node, prefix.raw, result.parts);
  return makeExpr(node, std::move(result));
}

void AstBuilder::formattedParts(const SyntaxNode &node, bool raw, std::vector<ExprPtr> &parts) {
  Children children(*this, node);
  for (std::size_t i = 0; i < children.size(); ++i) {
    SyntaxNode child = children[i];
    if (child.kind == NodeKind::StringContent) {
      std::string decoded = decodeString(text(child), raw), merged;
      for (std::size_t at = 0; at < decoded.size(); ++at) {
        merged += decoded[at];
        bool brace = decoded[at] == '{' || decoded[at] == '}';
        if (brace && at + 1 < decoded.size() && decoded[at + 1] == decoded[at])
          ++at;
      }
      parts.push_back(makeExpr(child, Constant{Value{std::move(merged)}}));
    } else if (child.kind == NodeKind::Interpolation) {
      Children inside(*this, child);
      for (std::size_t j = 0; j < inside.size(); ++j)
        if (!inside[j].named && text(inside[j]) == "=")
          if (auto shown = inside.field(NodeField::Expression))
            parts.push_back(makeExpr(child, Constant{Value{string_(*shown) + "="}}));
      parts.push_back(interpolation(child));
    }
  }
}

// {x!r:>8} is format(repr(x), '>8'): the AST needs no form of its own for it.
ExprPtr AstBuilder::interpolation(const SyntaxNode &node) {
  Children children(*this, node);
  auto shown = children.field(NodeField::Expression);
  if (!shown || children.broken())
    return unsupported(node, "syntax error");
  ExprPtr value = expression(*shown);
  auto apply = [&](std::string function, std::vector<ExprPtr> arguments) {
    return makeExpr(node,
                    Call{makeExpr(node, Name{std::move(function)}), std::move(arguments), {}});
  };
  auto conversion = children.kind(NodeKind::TypeConversion);
  auto specifier = children.kind(NodeKind::FormatSpecifier);
  bool debug = false;
  for (std::size_t i = 0; i < children.size(); ++i)
    debug |= !children[i].named && text(children[i]) == "=";
  if (conversion)
    value = apply(text(*conversion) == "!s" ? "str" : "repr", {value});
  else if (debug && !specifier)
    value = apply("repr", {value});
  if (specifier) {
    std::string_view format = text(*specifier);
    if (format.find('{') != std::string_view::npos)
      return unsupported(node, "nested format specification");
    value =
        apply("format",
              {value, makeExpr(*specifier, Constant{makeString(std::string(format.substr(1)))})});
  }
  return value;
}

ExprPtr AstBuilder::concatenatedString(const SyntaxNode &node) {
  FormattedString joined;
  bool plain = true;
  for (const ExprPtr &part : items(node)) {
    if (part->as<Constant>()) {
      joined.parts.push_back(part);
    } else if (const auto *formatted = part->as<FormattedString>()) {
      plain = false;
      joined.parts.insert(joined.parts.end(), formatted->parts.begin(), formatted->parts.end());
    } else {
      const auto *unsupportedPart = part->as<UnsupportedExpr>();
      return unsupported(node, unsupportedPart ? unsupportedPart->construct : "syntax error");
    }
  }
  if (!plain)
    return makeExpr(node, std::move(joined));
  std::string whole;
  for (const ExprPtr &part : joined.parts)
    if (const auto *piece = part->as<Constant>()->value.as<std::string>())
      whole += *piece;
  return makeExpr(node, Constant{Value{std::move(whole)}});
}

// Annotations have node kinds of their own; to the AST they are expressions.
ExprPtr AstBuilder::typeExpression(const SyntaxNode &node) {
  Children children(*this, node);
  auto first = children.named(0), second = children.named(1);
  if (!first)
    return unsupported(node, "type");
  switch (node.kind) {
  case NodeKind::GenericType: {
    if (!second)
      return unsupported(node, "type");
    Subscript result{expression(*first), {}};
    result.indices = items(*second);
    return makeExpr(node, std::move(result));
  }
  case NodeKind::UnionType: {
    if (!second)
      return unsupported(node, "type");
    ExprPtr left = expression(*first);
    return makeExpr(node, Binary{"|", left, expression(*second)});
  }
  case NodeKind::MemberType:
    if (!second)
      return unsupported(node, "type");
    return makeExpr(node, Attribute{expression(*first), string_(*second), second->range()});
  default:
    return expression(*first);
  }
}

} // namespace lapidary
