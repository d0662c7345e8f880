#include "app/lap/Table.h"

#include <gtest/gtest.h>

using lapidary::cli::Table;

namespace {

Table example() {
  Table table({"name", ">time", "why"});
  table.row({"a", "1.5 µs", "its value is divisible by sixteen"});
  table.row({"long_name", "12.0 µs", "no"});
  return table;
}

TEST(Table, AlignsByCharacters) {
  EXPECT_EQ(example().text(0), "name          time  why\n"
                               "a           1.5 µs  its value is divisible by sixteen\n"
                               "long_name  12.0 µs  no\n");
}

TEST(Table, WrapsTheWidestTextWhereTheLineIsShort) {
  EXPECT_EQ(example().text(40), "name          time  why\n"
                                "a           1.5 µs  its value is\n"
                                "                    divisible by sixteen\n"
                                "long_name  12.0 µs  no\n");
}

TEST(Table, NumbersAndNarrowColumnsAreNeverWrapped) {
  const std::string text = example().text(1);
  EXPECT_NE(text.find("\nlong_name  12.0 µs  no\n"), std::string::npos) << text;
}

} // namespace
