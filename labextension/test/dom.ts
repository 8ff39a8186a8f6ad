/** Import this first in a test that makes elements: it gives Node a document. */
import { GlobalRegistrator } from "@happy-dom/global-registrator";

GlobalRegistrator.register();
