import { Router } from "express";
import { requireUser } from "../auth/middleware";
import type { Documents } from "./store";

export function routes(documents: Documents): Router {
  const router = Router();

  router.get("/documents/:id", requireUser, async (req, res) => {
    const document = await documents.find(req.params.id);
    if (!document || document.owner !== req.user.id) return res.status(404).end();
    res.json(document);
  });

  router.delete("/documents/:id", requireUser, async (req, res) => {
    const document = await documents.find(req.params.id);
    if (!document) return res.status(404).end();
    await documents.remove(document.id);
    res.status(204).end();
  });

  return router;
}
