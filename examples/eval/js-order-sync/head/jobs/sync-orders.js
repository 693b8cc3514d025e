import { fetchOrders, saveOrder } from "./orders.js";
import { log } from "./log.js";

export async function syncOrders(since) {
  const orders = await fetchOrders(since);
  let saved = 0;
  orders.forEach(async (order) => {
    await saveOrder(order);
    saved += 1;
  });
  log.info(`synchronised ${saved} of ${orders.length} orders`);
  return saved;
}
