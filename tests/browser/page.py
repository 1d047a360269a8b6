"""The HTML reports in a real browser: no console error, the scrubber moves the bars to the JSON's values, nothing of a
clip's or a label's name becomes markup, and it is usable by keyboard and on a narrow screen.

    python tests/browser/page.py PROGRAM [SCREENSHOTS]

Needs Debian's chromium and chromium-driver, and selenium. With a folder, leaves screenshots to look at there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SIZES = {"desktop": (1280, 1000), "phone": (390, 844)}
HOSTILE = "<script>alert(1)</script>.gif"


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def bars(page):
    return [(bar.find_element(By.TAG_NAME, "b").text, float(bar.get_attribute("data-probability")))
            for bar in page.find_elements(By.CLASS_NAME, "bar")]


def values(top):
    return [(guess["label"], guess["probability"]) for guess in top]


def scrub(page, frame):
    page.execute_script("const s = document.getElementById('scrubber'); s.value = arguments[0];"
                        "s.dispatchEvent(new Event('input'));", frame + 1)


def check(page, path, report, screenshots, name):
    page.get("file://" + os.path.abspath(path))
    first, last = report["stream"]["first"]["top"], report["stream"]["final"]["top"]
    assert bars(page) == values(last), "the page begins at the last frame"
    scrub(page, 0)
    assert bars(page) == values(first), "the scrubber moves the bars"
    for frame, label in enumerate(report["stream"]["label_by_frame"]):
        scrub(page, frame)
        assert bars(page)[0][0] == label, frame
    scrubber = page.find_element(By.ID, "scrubber")
    scrub(page, 0)
    scrubber.send_keys(Keys.ARROW_RIGHT)
    assert page.find_element(By.ID, "now-frame").text == "frame 2", "the arrow keys move it"
    page.find_element(By.ID, "play").send_keys(Keys.ENTER)
    assert "Pause" in page.find_element(By.ID, "play").text
    page.find_element(By.ID, "play").send_keys(Keys.ENTER)
    scrub(page, len(report["stream"]["label_by_frame"]) - 1)
    look(page, screenshots, name)


def look(page, screenshots, name):
    """It fits a desktop and a phone, and nothing was wrong in it."""
    for size, (width, height) in SIZES.items():
        # A window is never narrower than 500 pixels; what a phone has is set this way.
        page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                             {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"})
        wide = page.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{size}: {wide} pixels wide"
        for theme in ("light", "dark"):
            page.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
            if screenshots:
                picture = page.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
                import base64
                with open(os.path.join(screenshots, f"{name}-{size}-{theme}.png"), "wb") as file:
                    file.write(base64.b64decode(picture["data"]))
    errors = page.get_log("browser")
    assert not errors, errors


def check_evaluation(page, path, report, screenshots, name):
    page.get("file://" + os.path.abspath(path))
    models = report["models"]
    assert len(page.find_elements(By.CLASS_NAME, "matrix")) == len(models)
    assert len(page.find_elements(By.CLASS_NAME, "diagram")) == len(models)
    worst = [one["said"]["label"] for model in models for one in model["figures"]["worst"]]
    assert [one.text for one in page.find_elements(By.CSS_SELECTOR, ".wrong .bad")] == worst and worst
    pictures = page.find_elements(By.CSS_SELECTOR, ".strip img")
    assert pictures and all(picture.size["height"] == 90 for picture in pictures)
    before = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    page.find_element(By.ID, "theme").send_keys(Keys.ENTER)
    assert page.execute_script("return getComputedStyle(document.body).backgroundColor") != before
    look(page, screenshots, name)


def run(program, clip, folder, name, *more, command="compare"):
    page, report = os.path.join(folder, f"{name}.html"), os.path.join(folder, f"{name}.json")
    subprocess.run([program, "-q", command, clip, "--model", "demo", "--html", page, "--json", report, *more], check=True,
                   stdout=subprocess.DEVNULL)
    with open(report) as file:
        return page, json.load(file)


def main():
    program, *screenshots = sys.argv[1:]
    screenshots = screenshots[0] if screenshots else None
    root = os.path.join(os.path.dirname(__file__), "../..")
    demo = os.path.join(root, "cache/demo/jumping-jacks.gif")
    with tempfile.TemporaryDirectory() as folder:
        page = browser()
        try:
            check(page, *run(program, demo, folder, "demo"), screenshots, "demo")

            # Names that are markup; the slash keeps such a clip from being a file, so its own name goes without one.
            clip = os.path.join(folder, HOSTILE.replace("/", "\u2215"))
            shutil.copy(demo, clip)
            labels = os.path.join(folder, "labels.txt")
            with open(os.path.join(root, "cache/demo/labels.txt")) as file:
                names = [f"<img src=x onerror=alert(1)>{line.strip()} </script>(it's \"it\")" for line in file]
            with open(labels, "w") as file:
                file.write("\n".join(names) + "\n")
            path, report = run(program, clip, folder, "hostile", "--labels", labels)
            check(page, path, report, screenshots, "hostile")
            assert not page.find_elements(By.CSS_SELECTOR, "img[src='x']")
            assert len(page.find_elements(By.TAG_NAME, "script")) == 2
            assert page.find_element(By.TAG_NAME, "h1").text == os.path.basename(clip)

            # One clip as every class: all names are in the matrix, and all but one are wrong.
            listed = os.path.join(folder, "list.jsonl")
            with open(listed, "w") as file:
                for name in names:
                    json.dump({"path": clip, "label": name}, file)
                    file.write("\n")
            path, report = run(program, listed, folder, "evaluation", "--labels", labels, command="evaluate")
            check_evaluation(page, path, report, screenshots, "evaluation")
            assert not page.find_elements(By.CSS_SELECTOR, "img[src='x']")
            assert len(page.find_elements(By.TAG_NAME, "script")) == 1
        finally:
            page.quit()
    print("the page holds in a browser")


if __name__ == "__main__":
    main()
