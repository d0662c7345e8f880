// Walking over all of a tree without a visitor class a purpose, and what can be said of a function
// by walking: the names that it takes from outside.
//
//   walkExpressions(function.body, [&](const ast::Expr &expression) { ... });
#pragma once

#include "core/source/Ast.h"

#include <functional>
#include <set>
#include <string>

namespace lapidary::ast {

// Every expression below, each before its parts; nested functions and classes included.
void walkExpressions(const Block &body, const std::function<void(const Expr &)> &visit);
void walkExpressions(const Expr &expression, const std::function<void(const Expr &)> &visit);

// Every statement below, each before the statements in it. `visit` says whether to go inside.
void walkStatements(const Block &body, const std::function<bool(const Stmt &)> &visit);

// The names that the function binds: parameters, assignments, loop and with targets, imports,
// nested functions, comprehension and lambda variables.
std::set<std::string> localNames(const FunctionDef &function);

// What the function's body, defaults and annotations take from outside, as the longest chains of
// names: "tl.load", "helper", "math.pi".
std::set<std::string> freeNames(const FunctionDef &function);

// The names below an assignment target: a, (b, *c) -> a, b, c.
void targetNames(const Expr &target, std::set<std::string> &names);

} // namespace lapidary::ast
