// Plays a course inside a learning platform (SCORM 1.2), or alone when there is none.
(function () {
  "use strict";
  function findApi(from) {
    for (var depth = 0, place = from; place && depth < 10; depth += 1) {
      try { if (place.API) { return place.API; } } catch (error) { return null; }
      if (place.parent === place) { break; }
      place = place.parent;
    }
    return null;
  }
  var api = findApi(window) || (window.opener ? findApi(window.opener) : null);
  function tell(name, value) { if (api) { api.LMSSetValue(name, String(value)); } }
  function keep() {
    tell("cmi.suspend_data", JSON.stringify(state));
    if (api) { api.LMSCommit(""); }
  }
  function shuffled(some) {
    var found = some.slice();
    for (var at = found.length - 1; at > 0; at -= 1) {
      var other = Math.floor(Math.random() * (at + 1));
      var held = found[at]; found[at] = found[other]; found[other] = held;
    }
    return found;
  }

  var main = document.querySelector("main");
  var lessons = Array.from(document.querySelectorAll(".lesson"));
  var questions = {};
  document.querySelectorAll(".question").forEach(function (form) { questions[form.dataset.key] = form; });
  var result = document.querySelector(".result");
  var state;

  function fresh(before) {
    var keys = Object.keys(questions);
    var unseen = shuffled(keys.filter(function (key) { return before.indexOf(key) < 0; }));
    var seen = shuffled(keys.filter(function (key) { return before.indexOf(key) >= 0; }));
    var asked = shuffled(unseen.concat(seen).slice(0, Number(main.dataset.asked)));
    return { read: before.length ? lessons.length : 0, asked: asked, queue: asked.slice(), first: {} };
  }
  function show(step) {
    document.querySelectorAll(".step").forEach(function (each) { each.hidden = each !== step; });
    var heading = step.querySelector("h2");
    if (heading) { heading.focus(); }
  }
  function next() {
    keep();
    if (state.read < lessons.length) { show(lessons[state.read]); return; }
    if (!state.queue.length) { finish(); return; }
    var form = questions[state.queue[0]];
    var choices = Array.from(form.querySelectorAll(".choice"));
    shuffled(choices).forEach(function (choice) { choice.parentNode.appendChild(choice); });
    form.reset();
    choices.forEach(function (choice) { choice.querySelector(".because").hidden = true; });
    form.querySelectorAll("input").forEach(function (input) { input.disabled = false; });
    form.querySelector(".number").textContent =
      (state.asked.length - state.queue.length + 1) + "（全" + state.asked.length + "問）";
    form.querySelector(".verdict").textContent = "";
    form.querySelector(".answer").hidden = false;
    form.querySelector(".next").hidden = true;
    show(form);
  }
  function answer(form) {
    var chosen = form.querySelector("input:checked");
    var verdict = form.querySelector(".verdict");
    if (!chosen) { verdict.textContent = "答えを一つ選んでください。"; return; }
    var isRight = chosen.closest(".choice").dataset.right === "yes";
    var key = state.queue.shift();
    if (!(key in state.first)) { state.first[key] = isRight; }
    if (!isRight) { state.queue.push(key); }
    verdict.textContent = isRight ? "そのとおりです。" : "もう一度考えてみましょう。説明を読んで、あとでもう一度答えます。";
    form.querySelectorAll(".because").forEach(function (because) { because.hidden = false; });
    form.querySelectorAll("input").forEach(function (input) { input.disabled = true; });
    form.querySelector(".answer").hidden = true;
    form.querySelector(".next").hidden = false;
    form.querySelector(".next").focus();
    keep();
  }
  function finish() {
    var right = state.asked.filter(function (key) { return state.first[key]; }).length;
    var score = Math.floor(right * 100 / state.asked.length);
    var passed = right * 100 >= Number(main.dataset.pass) * state.asked.length;
    result.querySelector(".score").textContent = "最初の答えで" + state.asked.length + "問中" + right + "問が正解でした。" +
      (passed ? "修了です。おつかれさまでした。" : "8割に届きませんでした。問題を変えて、もう一度受けられます。");
    result.querySelector(".again").hidden = passed;
    tell("cmi.core.score.min", 0);
    tell("cmi.core.score.max", 100);
    tell("cmi.core.score.raw", score);
    tell("cmi.core.lesson_status", passed ? "passed" : "failed");
    keep();
    show(result);
  }

  lessons.forEach(function (lesson) {
    lesson.querySelector(".next").addEventListener("click", function () { state.read += 1; next(); });
  });
  Object.keys(questions).forEach(function (key) {
    var form = questions[key];
    form.addEventListener("submit", function (event) { event.preventDefault(); answer(form); });
    form.querySelector(".next").addEventListener("click", next);
  });
  result.querySelector(".again").addEventListener("click", function () { state = fresh(state.asked); next(); });

  if (api) {
    api.LMSInitialize("");
    var status = api.LMSGetValue("cmi.core.lesson_status");
    if (status === "not attempted" || !status) { tell("cmi.core.lesson_status", "incomplete"); }
    tell("cmi.core.exit", "suspend");  // without it a platform need not keep the place for the next visit
    try { state = JSON.parse(api.LMSGetValue("cmi.suspend_data")); } catch (error) { state = null; }
  }
  if (!state || !state.asked || !state.asked.every(function (key) { return key in questions; })) { state = fresh([]); }
  window.addEventListener("pagehide", function () { if (api) { keep(); api.LMSFinish(""); api = null; } });
  next();
}());
