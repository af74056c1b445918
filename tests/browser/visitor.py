"""A person in front of the page."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
WAIT_S = 15.0
DESKTOP = (1360, 860)
PHONE = (390, 844)
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visitor:
    driver: Chrome
    url: str

    def open(self, place: str = "") -> None:
        """Anew, as if typed into the bar. place: what follows the address, as "#search"."""
        self.driver.get("about:blank")
        self.driver.get(self.url + place)
        self.until(lambda: self.run("return performance.getEntriesByName('usable').length"))

    def until(self, holds: Callable[[], T | None]) -> T:
        """What it gives once that counts as true."""
        ignored = (StaleElementReferenceException,)
        wait = WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05, ignored_exceptions=ignored)
        found: T = wait.until(lambda _: holds())  # type: ignore[assignment]
        return found

    def all(self, css: str) -> list[WebElement]:
        """What can be seen."""
        return [each for each in self.driver.find_elements(By.CSS_SELECTOR, css) if _is_seen(each)]

    def see(self, css: str, text: str = "") -> WebElement:
        """The first that can be seen and holds the text; waits for it."""
        return self.until(lambda: next((each for each in self.all(css) if text in each.text), None))

    def gone(self, css: str) -> None:
        self.until(lambda: not self.all(css))

    def click(self, css: str, text: str = "") -> None:
        self.see(css, text).click()

    def type(self, css: str, *keys: str) -> None:
        self.see(css).send_keys(*keys)

    def press(self, *keys: str) -> None:
        """To whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def ask(self, question: str) -> WebElement:
        """The turn, once it is answered."""
        before = len(self.all(".turn-actions"))
        self.type("#question", question, Keys.ENTER)
        return self.until(
            lambda: [*self.all(".turn"), None][before] if self._ended(before) else None
        )

    def _ended(self, before: int) -> bool:
        return len(self.all(".turn-actions")) > before

    def choose(self, css: str, value: str) -> None:
        self.until(lambda: self.all(f"{css} option[value={value}]"))
        self.click(f"{css} option[value={value}]")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def resize(self, size: tuple[int, int], *, dark: bool = False) -> None:
        width, height = size
        shape = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
        wishes = {"color-scheme": "dark" if dark else "light", "reduced-motion": "reduce"}
        features = [{"name": f"prefers-{what}", "value": value} for what, value in wishes.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def come_from(self, address: str) -> None:
        """As a proxy would say it; "" for this machine itself."""
        headers = {"x-forwarded-for": address} if address else {}
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": headers})

    def shoot(self, name: str) -> None:
        """For people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def requested(self) -> list[str]:
        """Every address that the browser has asked for since it was last called."""
        messages = [json.loads(each["message"])["message"] for each in self._log("performance")]
        sent = (each for each in messages if each["method"] == "Network.requestWillBeSent")
        return [each["params"]["request"]["url"] for each in sent]

    def complaints(self) -> list[str]:
        """Errors of the page, and what its policy has stopped; not refusals of the server."""
        said = [each["message"] for each in self._log("browser") if each["level"] == "SEVERE"]
        return [each for each in said if "Failed to load resource" not in each]

    def forget(self) -> None:
        """Everything that the page keeps."""
        where = {"origin": self.url.rstrip("/"), "storageTypes": "all"}
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", where)
        self.driver.get(f"{self.url}health")
        self.run("sessionStorage.clear()")
        self.complaints()
        self.requested()

    def _log(self, kind: str) -> list[Json]:
        entries: list[Json] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return entries


def _is_seen(element: WebElement) -> bool:
    try:
        return element.is_displayed()
    except StaleElementReferenceException:
        return False
