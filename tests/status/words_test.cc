#include "status/words.h"

#include <gtest/gtest.h>

namespace backlogd::status {
namespace {

TEST(ChooseLanguage, FollowsTheQuestionThenTheHeader) {
  struct Case {
    std::optional<std::string_view> asked;
    std::string_view header;
    Language expected;
  };
  constexpr Language kEn = Language::kEnglish;
  constexpr Language kZh = Language::kChinese;
  for (const Case& c : {
           Case{{}, "", kEn},
           Case{{}, "zh", kZh},
           Case{{}, "zh-CN,zh;q=0.9,en;q=0.8", kZh},
           Case{{}, "ZH-hant-TW", kZh},
           Case{{}, "en-US,en;q=0.9,zh;q=0.8", kEn},
           Case{{}, "en;q=0.5, zh;q=0.7", kZh},
           Case{{}, "en ; q=0.5 , zh ; q=0.4", kEn},
           Case{{}, "de, fr;q=0.9, zh;q=0.1", kZh},
           Case{{}, "de, *;q=0.5, zh;q=0.1", kEn},
           Case{{}, "zh;q=0", kEn},
           Case{{}, "zh;q=nonsense", kEn},
           Case{{}, "zh;q=7", kEn},
           Case{{}, ",,;;q=,", kEn},
           Case{{}, "zhx", kEn},
           Case{"zh", "en", kZh},
           Case{"en", "zh", kEn},
           Case{"xx", "zh", kZh},
       }) {
    EXPECT_EQ(ChooseLanguage(c.asked, c.header), c.expected) << c.header;
  }
}

TEST(Words, ExistInBothLanguages) {
  const auto whole = [](const Phrase& phrase) {
    return !phrase.en.empty() && !phrase.zh.empty() && phrase.en != phrase.zh;
  };
  for (int i = 0; i < analysis::kStatusCount; ++i) {
    const auto status = static_cast<analysis::Status>(i);
    EXPECT_TRUE(whole(NameOf(status)) && whole(MeaningOf(status))) << i;
  }
  for (int i = 0; i < analysis::kCauseCount; ++i) {
    const CauseWords& words = WordsOf(static_cast<analysis::Cause>(i));
    EXPECT_TRUE(whole(words.name) && whole(words.meaning) && whole(words.advice)) << i;
  }
  EXPECT_EQ(NameOf(std::nullopt).en, "Not known yet");
  EXPECT_EQ(NameOf(analysis::Status::kLosingData).zh, "正在丢数据");
  EXPECT_EQ(WordsOf(analysis::Cause::kSkew).name.en, "Skew");
}

}  // namespace
}  // namespace backlogd::status
