// Says what is wrong with a card field when the payer leaves it, in the server's own words, and
// that it is mended as soon as it is. What the server finds counts; this only saves a way.
(() => {
  const form = document.querySelector("[data-checks]");
  const digitsIn = (text) => text.replace(/[\s-]/g, "");
  const isAmex = (digits) => /^3[47]/.test(digits);

  const fitsCheckDigit = (digits) => {
    let sum = 0;
    for (let at = 0; at < digits.length; at += 1) {
      const digit = Number(digits[digits.length - 1 - at]);
      const doubled = digit * 2;
      sum += at % 2 ? doubled - (doubled > 9 ? 9 : 0) : digit;
    }
    return sum % 10 === 0;
  };

  // For each field: the rule that what was typed breaks, or nothing.
  const ruleOf = {
    "card-number": (text) => {
      const digits = digitsIn(text);
      const lengths =
        isAmex(digits) ? /^\d{15}$/
        : /^4/.test(digits) ? /^(\d{13}|\d{16}|\d{19})$/
        : /^(5[1-5]|2[2-7])/.test(digits) ? /^\d{16}$/
        : /^\d{12,19}$/;
      return !lengths.test(digits) ? "length" : fitsCheckDigit(digits) ? "" : "checksum";
    },
    "card-expiry": (text) => {
      const typed = text.trim();
      const found = /^(\d{1,2}) *[/\-. ] *(\d{4}|\d{2})$/.exec(typed)
        || /^(\d{2})(\d{4}|\d{2})$/.exec(typed);
      const named = /^(\d{4})-(\d{2})$/.exec(typed);
      if (!found && !named) return "format";
      const month = Number(found ? found[1] : named[2]);
      const year = Number(found ? found[2] : named[1]);
      if (month < 1 || month > 12) return "format";
      // A day late rather than a day early: the server asks where the day ends last on earth.
      const end = new Date(year < 100 ? 2000 + year : year, month, 2);
      return end < new Date() ? "past" : "";
    },
    "card-security-code": (text) => {
      const saved = form.querySelector(".saved input:checked:not([value=new])");
      const number = digitsIn(document.getElementById("card-number").value);
      const isLong = saved ? saved.dataset.brand === "amex" : isAmex(number);
      const length = !saved && !number ? /^\d{3,4}$/ : isLong ? /^\d{4}$/ : /^\d{3}$/;
      return length.test(digitsIn(text)) ? "" : "length";
    },
    "card-name": (text) => (/^\d{3,4}$|(\d\D*){12}/.test(text.trim()) ? "number" : ""),
  };

  const tell = (input, text) => {
    const id = input.id + "-error";
    const known = document.getElementById(id);
    const described = (input.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
    const others = described.filter((part) => part !== id);
    if (known) known.remove();
    if (!text) {
      input.removeAttribute("aria-invalid");
    } else {
      const told = document.createElement("p");
      const mark = document.createElement("span");
      mark.className = "unseen";
      mark.textContent = form.dataset.error;
      told.id = id;
      told.className = "error";
      told.append(mark, " ", text);
      input.closest(".field").append(told);
      input.setAttribute("aria-invalid", "true");
      others.push(id);
    }
    if (others.length) input.setAttribute("aria-describedby", others.join(" "));
    else input.removeAttribute("aria-describedby");
  };

  const check = (input) => {
    const rule = input.value.trim() && ruleOf[input.id](input.value);
    const text = rule ? input.dataset[rule] : "";
    tell(input, text);
    form.querySelector("[data-status]").textContent = text;
  };

  for (const id of Object.keys(ruleOf)) {
    const input = document.getElementById(id);
    // Late enough that pressing Pay or a link is not moved away from under the pointer.
    input.addEventListener("blur", () => setTimeout(() => input.value && check(input), 100));
    const again = () => input.hasAttribute("aria-invalid") && check(input);
    input.addEventListener("input", again);
    for (const card of form.querySelectorAll(".saved input")) card.addEventListener("change", again);
  }
})();
