import { createContext } from "svelte";
import type { Session } from "../session.svelte";

/** The page's one session, for every component below App. */
export const [useSession, provideSession] = createContext<Session>();
