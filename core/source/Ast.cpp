#include "core/source/Ast.h"

#include <fmt/format.h>

namespace lapidary::ast {

namespace {

// Python's precedence, loosest first; an operand that binds looser than its operator is
// parenthesised.
enum Precedence {
  LambdaLevel,
  ConditionalLevel,
  OrLevel,
  AndLevel,
  NotLevel,
  CompareLevel,
  BitOrLevel,
  BitXorLevel,
  BitAndLevel,
  ShiftLevel,
  SumLevel,
  ProductLevel,
  UnaryLevel,
  PowerLevel,
  AtomLevel,
};

Precedence binaryLevel(const std::string &op) {
  if (op == "|")
    return BitOrLevel;
  if (op == "^")
    return BitXorLevel;
  if (op == "&")
    return BitAndLevel;
  if (op == "<<" || op == ">>")
    return ShiftLevel;
  if (op == "+" || op == "-")
    return SumLevel;
  return op == "**" ? PowerLevel : ProductLevel;
}

class Printer {
public:
  std::string print(const Expr &expression, Precedence minimum = LambdaLevel) {
    auto [text, level] =
        std::visit([this](const auto &node) { return visit(node); }, expression.node);
    return level < minimum ? "(" + text + ")" : text;
  }

private:
  using Printed = std::pair<std::string, Precedence>;

  std::string list(const std::vector<ExprPtr> &items) {
    std::string text;
    for (const ExprPtr &item : items)
      text += (text.empty() ? "" : ", ") + print(*item);
    return text;
  }
  std::string optional(const ExprPtr &expression) { return expression ? print(*expression) : ""; }

  Printed visit(const Name &node) { return {node.id, AtomLevel}; }
  Printed visit(const Constant &node) {
    std::string text = repr(node.value);
    return {text, text.starts_with('-') ? UnaryLevel : AtomLevel};
  }
  Printed visit(const FormattedString &node) {
    std::string text;
    for (const ExprPtr &part : node.parts) {
      const auto *constant = part->as<Constant>();
      const auto *piece = constant ? constant->value.as<std::string>() : nullptr;
      if (!piece) {
        text += "{" + print(*part) + "}";
        continue;
      }
      std::string quoted = repr(Value{"\"" + *piece}); // the quote forces single quotes outside
      for (char c : quoted.substr(2, quoted.size() - 3))
        text += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
    }
    return {"f'" + text + "'", AtomLevel};
  }
  Printed visit(const Unary &node) {
    if (node.op == "not")
      return {"not " + print(*node.operand, NotLevel), NotLevel};
    return {node.op + print(*node.operand, UnaryLevel), UnaryLevel};
  }
  Printed visit(const Binary &node) {
    Precedence level = binaryLevel(node.op);
    auto tighter = static_cast<Precedence>(level + 1);
    bool power = level == PowerLevel; // groups to the right; its exponent may carry a sign
    std::string left = print(*node.left, power ? tighter : level);
    std::string right = print(*node.right, power ? UnaryLevel : tighter);
    return {left + " " + node.op + " " + right, level};
  }
  Printed visit(const BoolOp &node) {
    Precedence level = node.op == "or" ? OrLevel : AndLevel;
    std::string text;
    for (const ExprPtr &operand : node.operands)
      text += (text.empty() ? "" : " " + node.op + " ") +
              print(*operand, static_cast<Precedence>(level + 1));
    return {text, level};
  }
  Printed visit(const Compare &node) {
    std::string text = print(*node.left, BitOrLevel);
    for (std::size_t i = 0; i < node.ops.size(); ++i)
      text += " " + node.ops[i] + " " + print(*node.rights[i], BitOrLevel);
    return {text, CompareLevel};
  }
  Printed visit(const Conditional &node) {
    return {print(*node.then, OrLevel) + " if " + print(*node.test, OrLevel) + " else " +
                print(*node.otherwise, ConditionalLevel),
            ConditionalLevel};
  }
  Printed visit(const Call &node) {
    std::string text = list(node.arguments);
    for (const Keyword &keyword : node.keywords)
      text += (text.empty() ? "" : ", ") + (keyword.name.empty() ? "**" : keyword.name + "=") +
              print(*keyword.value);
    return {print(*node.function, AtomLevel) + "(" + text + ")", AtomLevel};
  }
  Printed visit(const Attribute &node) {
    const auto *constant = node.object->as<Constant>();
    bool number = constant && constant->value.as<Integer>(); // 1 .real needs its parentheses
    std::string object = print(*node.object, AtomLevel);
    return {(number ? "(" + object + ")" : object) + "." + node.name, AtomLevel};
  }
  Printed visit(const Subscript &node) {
    return {print(*node.object, AtomLevel) + "[" + list(node.indices) + "]", AtomLevel};
  }
  Printed visit(const Slice &node) {
    std::string text = optional(node.start) + ":" + optional(node.stop);
    return {node.step ? text + ":" + print(*node.step) : text, AtomLevel};
  }
  Printed visit(const Tuple &node) {
    return {"(" + list(node.items) + (node.items.size() == 1 ? ",)" : ")"), AtomLevel};
  }
  Printed visit(const List &node) { return {"[" + list(node.items) + "]", AtomLevel}; }
  Printed visit(const Dict &node) {
    std::string text;
    for (const auto &[key, value] : node.items)
      text += (text.empty() ? "" : ", ") + (key ? print(*key) + ": " : "**") + print(*value);
    return {"{" + text + "}", AtomLevel};
  }
  Printed visit(const Set &node) { return {"{" + list(node.items) + "}", AtomLevel}; }
  Printed visit(const Starred &node) { return {"*" + print(*node.value, BitOrLevel), AtomLevel}; }
  Printed visit(const Lambda &node) {
    return {fmt::format("lambda{}{}: {}", node.parameters.empty() ? "" : " ",
                        fmt::join(node.parameters, ", "), print(*node.body)),
            LambdaLevel};
  }
  Printed visit(const Comprehension &node) {
    std::string text = print(*node.element, ConditionalLevel);
    if (node.value)
      text += ": " + print(*node.value, ConditionalLevel);
    for (const ComprehensionClause &clause : node.clauses) {
      const auto *tuple = clause.target->as<Tuple>();
      bool bare = tuple && tuple->items.size() > 1;
      text += " for " + (bare ? list(tuple->items) : print(*clause.target)) + " in " +
              print(*clause.iterable, OrLevel);
      for (const ExprPtr &condition : clause.conditions)
        text += " if " + print(*condition, OrLevel);
    }
    switch (node.kind) {
    case ComprehensionKind::List:
      return {"[" + text + "]", AtomLevel};
    case ComprehensionKind::Generator:
      return {"(" + text + ")", AtomLevel};
    default:
      return {"{" + text + "}", AtomLevel};
    }
  }
  Printed visit(const UnsupportedExpr &node) {
    return {node.construct == "ellipsis" ? "..." : "<" + node.construct + ">", AtomLevel};
  }
};

class StatementPrinter {
public:
  explicit StatementPrinter(int level) : level(level) {}

  void print(const Block &body) {
    if (body.empty())
      line("pass");
    for (const StmtPtr &stmt : body)
      std::visit([this](const auto &node) { visit(node); }, stmt->node);
  }
  std::string text;

private:
  void line(const std::string &content) {
    text += std::string(static_cast<std::size_t>(level) * 4, ' ') + content + "\n";
  }
  void suite(const std::string &head, const Block &body) {
    line(head + ":");
    ++level;
    print(body);
    --level;
  }
  void optionalSuite(const char *head, const Block &body) {
    if (!body.empty())
      suite(head, body);
  }
  static std::string optional(const char *before, const ExprPtr &expression) {
    return expression ? before + toSource(*expression) : "";
  }

  void visit(const Assign &node) {
    std::string content;
    for (const ExprPtr &target : node.targets)
      content += toSource(*target) + " = ";
    line(content + toSource(*node.value));
  }
  void visit(const AnnotatedAssign &node) {
    line(toSource(*node.target) + ": " + toSource(*node.annotation) + optional(" = ", node.value));
  }
  void visit(const AugmentedAssign &node) {
    line(toSource(*node.target) + " " + node.op + "= " + toSource(*node.value));
  }
  void visit(const ExpressionStmt &node) { line(toSource(*node.value)); }
  void visit(const If &node) {
    suite("if " + toSource(*node.test), node.body);
    optionalSuite("else", node.otherwise);
  }
  void visit(const For &node) {
    suite("for " + toSource(*node.target) + " in " + toSource(*node.iterable), node.body);
    optionalSuite("else", node.otherwise);
  }
  void visit(const While &node) {
    suite("while " + toSource(*node.test), node.body);
    optionalSuite("else", node.otherwise);
  }
  void visit(const Return &node) { line("return" + optional(" ", node.value)); }
  void visit(const Assert &node) {
    line("assert " + toSource(*node.test) + optional(", ", node.message));
  }
  void visit(const Raise &node) { line("raise" + optional(" ", node.value)); }
  void visit(const With &node) {
    std::string head;
    for (const auto &[context, target] : node.items)
      head += (head.empty() ? "" : ", ") + toSource(*context) + optional(" as ", target);
    suite("with " + head, node.body);
  }
  void visit(const Pass &) { line("pass"); }
  void visit(const Break &) { line("break"); }
  void visit(const Continue &) { line("continue"); }
  void visit(const Import &node) {
    std::string names;
    for (const ImportedName &name : node.names)
      names +=
          (names.empty() ? "" : ", ") + name.name + (name.alias.empty() ? "" : " as " + name.alias);
    line(node.from ? "from " + std::string(static_cast<std::size_t>(node.level), '.') +
                         node.module + " import " + names
                   : "import " + names);
  }
  void visit(const Try &node) {
    suite("try", node.body);
    for (const Block &handler : node.handlers)
      suite("except", handler);
    optionalSuite("else", node.otherwise);
    optionalSuite("finally", node.finally);
  }
  void visit(const FunctionDef &node) {
    for (const ExprPtr &decorator : node.decorators)
      line("@" + toSource(*decorator));
    std::string parameters;
    bool keywordOnly = false;
    for (const Parameter &parameter : node.parameters) {
      parameters += parameters.empty() ? "" : ", ";
      if (parameter.kind == Parameter::Kind::KeywordOnly && !keywordOnly)
        parameters += "*, ";
      keywordOnly |= parameter.kind != Parameter::Kind::Positional;
      parameters += parameter.kind == Parameter::Kind::VarArgs       ? "*"
                    : parameter.kind == Parameter::Kind::KeywordArgs ? "**"
                                                                     : "";
      parameters += parameter.name + optional(": ", parameter.annotation) +
                    optional("=", parameter.defaultValue);
    }
    suite("def " + node.name + "(" + parameters + ")" + optional(" -> ", node.returns), node.body);
  }
  void visit(const ClassDef &node) {
    for (const ExprPtr &decorator : node.decorators)
      line("@" + toSource(*decorator));
    std::string bases;
    for (const ExprPtr &base : node.bases)
      bases += (bases.empty() ? "" : ", ") + toSource(*base);
    suite("class " + node.name + (bases.empty() ? "" : "(" + bases + ")"), node.body);
  }
  void visit(const UnsupportedStmt &node) { line("<" + node.construct + ">"); }

  int level;
};

} // namespace

std::string toSource(const Expr &expression) {
  return Printer().print(expression);
}

std::string toSource(const Block &body, int level) {
  StatementPrinter printer(level);
  printer.print(body);
  return std::move(printer.text);
}

std::string dottedName(const Expr &expression) {
  if (const auto *name = expression.as<Name>())
    return name->id;
  const auto *attribute = expression.as<Attribute>();
  if (!attribute)
    return "";
  std::string object = dottedName(*attribute->object);
  return object.empty() ? "" : object + "." + attribute->name;
}

} // namespace lapidary::ast
