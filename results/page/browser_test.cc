// The page in a real browser: it loads nothing from elsewhere, prints no error, and fits a laptop's
// screen. Skipped where there is no chromium.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

#include "harness/platform/files.h"
#include "results/page/report_files.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

bool has_chromium() {
  return std::system("chromium --version >/dev/null 2>&1") == 0;
}

class BrowserTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_chromium()) GTEST_SKIP() << "chromium is not installed";
    std::string name = (std::filesystem::temp_directory_path() / "ckpt-browser-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(write_report(sample_report(), folder_, {CKPT_PYTHON, CKPT_CHART_SCRIPT}).ok());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // Runs the browser on the page; its log.
  std::string browse(const std::string& page, const std::string& arguments,
                     const std::string& size = "1280,800") {
    const std::string log = folder_ + "/browser.log";
    const std::string command =
        "timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars "
        "--enable-logging=stderr --v=0 --window-size=" +
        size + " --user-data-dir=" + folder_ + "/profile " + arguments + " file://" + page + " >" +
        log + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(log).value();
    return read_file(log).value();
  }

  std::string folder_;
};

TEST_F(BrowserTest, LoadsNothingElseAndPrintsNoError) {
  const std::string picture = folder_ + "/page.png";

  const std::string log = browse(folder_ + "/report.html", "--screenshot=" + picture);
  EXPECT_GT(std::filesystem::file_size(picture), 20'000U);
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("CONSOLE")));
  const std::string page = read_file(folder_ + "/report.html").value();
  const std::regex reference("(src|href)=\"(?!data:|#)");
  EXPECT_FALSE(std::regex_search(page, reference));
  EXPECT_FALSE(std::regex_search(page, std::regex("url\\(|@import")));
}

// The document's own width, asked of the browser with a script that only this copy of the page has.
TEST_F(BrowserTest, FitsALaptopScreenWithoutScrollingSideways) {
  std::string page = read_file(folder_ + "/report.html").value();
  page +=
      "<script>document.title='width '+document.documentElement.scrollWidth+' of '+"
      "document.documentElement.clientWidth;</script>";
  ASSERT_TRUE(write_file_atomically(folder_ + "/asked.html", page, Sync::kNo).ok());
  EXPECT_THAT(browse(folder_ + "/asked.html", "--dump-dom"),
              testing::HasSubstr("<title>width 1280 of 1280</title>"));
}

// At 400 pixels tables scroll in their own boxes, not the page, and no pill or verdict breaks: each
// is one line high. A frame gives the page its width, since a headless window has a least one.
TEST_F(BrowserTest, FitsAPhoneAndBreaksNoVerdict) {
  std::string page = read_file(folder_ + "/report.html").value();
  page +=
      "<script>const broken=[...document.querySelectorAll('.v,.pill,.count')].filter("
      "e=>e.getClientRects().length>1||e.offsetHeight>32).length;"
      "parent.document.title='width '+document.documentElement.scrollWidth+' of '+"
      "document.documentElement.clientWidth+', broken '+broken+', tables '+"
      "document.querySelectorAll('.scroll').length;</script>";
  ASSERT_TRUE(write_file_atomically(folder_ + "/asked.html", page, Sync::kNo).ok());
  ASSERT_TRUE(write_file_atomically(
                  folder_ + "/frame.html",
                  "<iframe src=\"asked.html\" style=\"width:400px;height:4000px;border:0\">"
                  "</iframe>",
                  Sync::kNo)
                  .ok());
  const std::string dom = browse(folder_ + "/frame.html",
                                 "--allow-file-access-from-files --virtual-time-budget=5000 "
                                 "--dump-dom");
  EXPECT_THAT(dom, testing::ContainsRegex("<title>width 400 of 400, broken 0, tables [1-9]"));
}

}  // namespace
}  // namespace ckptbench
