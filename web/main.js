/** Starts the page: the frame, and the view that the address names. */
import { placeOf } from "./lib/address.js";
import { onSignIn } from "./lib/api.js";
import { start } from "./lib/router.js";
import { refuseOtherDrops } from "./parts/drop.js";
import { makeFrame } from "./parts/frame.js";
import { askForToken } from "./parts/sign_in.js";

onSignIn(askForToken);
const frame = makeFrame(document.body);
refuseOtherDrops();
start(frame, placeOf);
