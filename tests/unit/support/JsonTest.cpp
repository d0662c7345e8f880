#include "core/support/Json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Json, KeepsTheOrderOfKeys) {
  Result<Json> json = parseJson(R"({"z": 1, "a": [true, null, 1.5]})", "x.json");
  ASSERT_TRUE(json);
  EXPECT_EQ(dumpJson(*json), R"({"z":1,"a":[true,null,1.5]})");
  EXPECT_EQ(dumpJson(Json::array({1}), 2), "[\n  1\n]");
}

TEST(Json, ErrorsNameFileLineAndColumn) {
  Result<Json> json = parseJson("{\n  \"a\": 1,\n  b\n}", "k.launch.json");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(json.error().context, "k.launch.json");
  EXPECT_THAT(json.error().message, StartsWith("k.launch.json:3:3: not valid JSON: "));
  EXPECT_THAT(json.error().message, testing::Not(HasSubstr("json.exception")));
}

TEST(Json, NoInputEndsInAnException) {
  for (std::string bad :
       {"", " ", "{", "[1,]", "nul", "1e999", "\"\\ud800\"", "\"\xff\"", "{\"a\":1}x"})
    EXPECT_FALSE(parseJson(bad, "f")) << bad;
  std::string nul("[1\0]", 4);
  EXPECT_FALSE(parseJson(nul, "f"));
}

TEST(Json, DepthIsLimited) {
  std::string deep(100'000, '[');
  Result<Json> json = parseJson(deep, "deep.json");
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, HasSubstr("nested deeper"));
  EXPECT_TRUE(parseJson(std::string(200, '[') + std::string(200, ']'), "f"));
}

TEST(Json, TextThatIsNotUtf8IsReplaced) {
  EXPECT_EQ(dumpJson(Json("a\xff"
                          "b")),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(dumpJson(Json("ü")), "\"ü\"");
}

TEST(Json, DiagnosticHasThePromisedFields) {
  Diagnostic diagnostic;
  diagnostic.file = "k.py";
  diagnostic.range = {3, 5, 3, 9};
  diagnostic.message = "no";
  diagnostic.notes.push_back({"h.py", {1, 2, 1, 3}, "because"});
  Json json = toJson(diagnostic);
  EXPECT_EQ(json["severity"], "error");
  EXPECT_EQ(json["file"], "k.py");
  EXPECT_EQ(json["line"], 3);
  EXPECT_EQ(json["column"], 5);
  EXPECT_EQ(json["message"], "no");
  EXPECT_FALSE(json.contains("feature"));
  ASSERT_EQ(json["notes"].size(), 1u);
  EXPECT_EQ(json["notes"][0]["file"], "h.py");
  EXPECT_EQ(json["notes"][0]["message"], "because");
  diagnostic.feature = "tl.dot";
  EXPECT_EQ(toJson(diagnostic)["feature"], "tl.dot");
}
