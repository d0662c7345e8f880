#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

std::string errorOf(const std::string &text) {
  auto sets = RuleSets::parse({{"mine.json", text}});
  return sets ? std::string("fine") : sets.error().context + ": " + sets.error().message;
}

std::string withRules(const std::string &rules) {
  return R"({"name": "mine", "targets": ["cuda"], "rules": [)" + rules + "]}";
}

std::string rule(const std::string &name, const std::string &letter, const std::string &more = "",
                 const std::string &when = R"({"divisible-by": 16})",
                 const std::string &kinds = R"(["int"])") {
  return R"({"name": ")" + name + R"(", "letter": ")" + letter + R"(", "kinds": )" + kinds +
         R"(, "when": )" + when + R"(, "explanation": "why")" + (more.empty() ? "" : ", " + more) +
         "}";
}

TEST(RuleSets, EveryReleaseCoversEveryBackend) {
  auto sets = builtinRules();
  ASSERT_TRUE(sets);
  EXPECT_THAT(sets->names(), Contains(defaultRuleSet));
  for (const std::string &name : sets->names())
    for (const Target &target : {cuda, hip, cpu, Target{"sim", "sm_90"}, Target{"sim", "gfx942"}}) {
      auto found = sets->find(name, target);
      ASSERT_TRUE(found) << found.error().message;
      EXPECT_EQ((*found)->findRule("tt.pointer_range") != nullptr,
                target.backend == "hip" || target.architecture == "gfx942");
    }
  EXPECT_EQ(*sets->find("triton-3.5", hip), *sets->find("triton-3.4", hip));
}

TEST(RuleSets, ErrorsNameFileFieldAndRemedy) {
  EXPECT_EQ(errorOf(withRules(rule("a", "D"))), "fine");
  EXPECT_THAT(errorOf("{"), HasSubstr("mine.json"));
  EXPECT_THAT(errorOf("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(errorOf(R"({"name": "x"})"), HasSubstr("needs the field 'targets'"));
  EXPECT_THAT(errorOf(R"({"name": "x", "targets": ["cuda"], "colour": 1})"),
              HasSubstr("field 'colour': unknown field; known here: $schema, name"));
  EXPECT_THAT(errorOf(R"({"name": "x", "targets": []})"), HasSubstr("one target at least"));
  EXPECT_THAT(
      errorOf(withRules(rule("a", "D") + "," + rule("b", "D"))),
      HasSubstr("mine.json: field 'rules[1].letter': 'a' and 'b' both use the key letter 'D'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D") + "," + rule("a", "E"))),
              HasSubstr("'a' is defined twice"));
  EXPECT_THAT(errorOf(withRules(rule("a", "N"))), HasSubstr("other than N"));
  EXPECT_THAT(errorOf(withRules(rule("a", "DD"))), HasSubstr("one ASCII letter"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", "", R"({"divisible-by": 0})"))),
              HasSubstr("field 'rules[0].when.divisible-by': expected an integer from 2"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", "", R"({"divides": 3})"))),
              HasSubstr("unknown predicate"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", "", R"({"within-range": [5, 2]})"))),
              HasSubstr("is empty"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", "", R"({"storage-at-most": 5})"))),
              HasSubstr("cannot be asked of all of these kinds"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", "", R"({"divisible-by": 16})", R"(["integer"])"))),
              HasSubstr("unknown argument kind 'integer'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("unless": ["z"])"))),
              HasSubstr("there is no rule 'z'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("unless": ["b"])") + "," +
                                rule("b", "E", R"("unless": ["a"])"))),
              HasSubstr("cycle: 'b' and 'a' wait for each other"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("unless": ["a"])"))), HasSubstr("cycle"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("constant": true)"))), HasSubstr("equal-to"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("attribute": {"name": "tt.x"})"))),
              HasSubstr("needs the field 'value'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("attribute": {"name": "wide", "value": 1})"))),
              HasSubstr("field 'rules[0].attribute.name': expected a name in a dialect"));
  EXPECT_THAT(
      errorOf(withRules(rule("a", "D", R"("attribute": {"name": "x.y", "value": 2147483648})"))),
      HasSubstr("field 'rules[0].attribute.value': expected an integer from -2147483648 to"));
  EXPECT_THAT(
      errorOf(withRules(rule("a", "D", R"("attribute": {"name": "tt.divisibility", "value": 0})"))),
      HasSubstr("expected an integer from 1 to 2147483647, got 0"));
  EXPECT_THAT(
      errorOf(withRules(rule("a", "D", "", R"({"power-of-two-divisor": [2, 2147483648]})"))),
      HasSubstr("expected an integer from 2 to 1073741824"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("opt-outs": ["never"])"))),
              HasSubstr("unknown opt-out 'never'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("option": {"name": "fast"})"))),
              HasSubstr("'name' and 'default'"));
  EXPECT_THAT(errorOf(withRules(rule("a", "D", R"("constant": 3)"))),
              HasSubstr("expected true or false"));
}

TEST(RuleSets, ExtendsIsFollowedAndCyclesAreFound) {
  auto document = [](const std::string &name, const std::string &parent,
                     const std::string &more = "") {
    return R"({"name": ")" + name + R"(", "targets": ["cuda"], "extends": ")" + parent + "\"" +
           more + "}";
  };
  EXPECT_THAT(errorOf(document("a", "a/cuda")),
              HasSubstr("cycle: 'a/cuda' ends up extending itself"));
  auto cycle =
      RuleSets::parse({{"a.json", document("a", "b/cuda")}, {"b.json", document("b", "a/cuda")}});
  ASSERT_FALSE(cycle);
  EXPECT_THAT(cycle.error().message, HasSubstr("cycle"));
  EXPECT_THAT(errorOf(document("a", "nothing/cuda")),
              HasSubstr("there is no rule set 'nothing/cuda'"));

  auto child = RuleSets::parse(
      {{"child.json",
        document("child", "mine/cuda", R"(, "remove": ["b"], "rules": [)" + rule("c", "F") + "]")},
       {"mine.json", withRules(rule("a", "D") + "," + rule("b", "E"))}});
  ASSERT_TRUE(child) << child.error().message;
  auto set = *(*child)->find("child", cuda);
  ASSERT_EQ(set->rules.size(), 2u);
  EXPECT_EQ(set->rules[0].name, "a");
  EXPECT_EQ(set->rules[1].name, "c");
  auto twice = RuleSets::parse({{"one.json", withRules("")}, {"two.json", withRules("")}});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("'mine' for cuda is already defined in one.json"));
}

TEST(RuleSets, ARelativeNameIsAFolderOfTheResources) {
  auto named = loadRuleSets("rules");
  auto path = loadRuleSets(std::string(LAPIDARY_SOURCE_DIR) + "/resources/rules");
  ASSERT_TRUE(named && path);
  EXPECT_EQ((*named)->names(), (*path)->names());
  EXPECT_EQ(loadRuleSets("no-such-rules").error().code, ErrorCode::NotFound);
}

TEST(RuleSets, UnreadableFolderIsSaid) {
  auto sets = loadRuleSets("/nowhere/at/all");
  ASSERT_FALSE(sets);
  EXPECT_EQ(sets.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(sets.error().context, "/nowhere/at/all");
}

} // namespace
