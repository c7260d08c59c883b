/** @param {Stage} stage @param {{}} data */
function figure(stage, data) {
  stage.say("Nothing is here yet.");
}
