import { sql } from "../db";

export interface Member {
  id: number;
  name: string;
}

// `sql` is the driver's own tag: what stands in ${} is sent as a parameter.
export async function members(team: number, search?: string): Promise<Member[]> {
  if (search) {
    return sql`SELECT id, name FROM members WHERE team_id = ${team} AND name ILIKE ${search + "%"} ORDER BY name`;
  }
  return sql`SELECT id, name FROM members WHERE team_id = ${team} ORDER BY name`;
}
