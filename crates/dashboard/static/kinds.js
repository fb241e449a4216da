// The kinds of jobs. The only module that lists them.

import { register } from "./core/kinds.js";
import { exportKind } from "./pages/job/export.js";
import { importKind } from "./pages/job/import.js";
import { moveKind } from "./pages/job/move.js";
import { syncKind } from "./pages/job/sync.js";

register({ import: importKind, sync: syncKind, export: exportKind, move: moveKind });
